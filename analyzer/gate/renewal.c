/* SPDX-License-Identifier: MIT */
#include "gate/renewal.h"

#include <stdlib.h>
#include <string.h>

/* With what it holds. */
static void take(struct renewal *r, const struct entries *from,
                 const struct entry *k, const char *note)
{
    uint32_t n;
    const struct entry_ring *rings =
        entries_rings(from, (uint32_t)(k - from->at), &n);
    struct entry *to = entries_find(&r->next, k->id, NULL);
    *to = *k;
    to->note = note;
    to->n_sources = to->sources_room = 0;
    to->sources = NULL;
    for (uint32_t i = 0; i < n; i++)
        entries_hold(&r->next, k->id, rings[i].id, rings[i].rings);
}

static void decide(struct renewal *r, const struct entries *before,
                   const struct entries *now, const struct gated *g)
{
    switch (g->is) {
    case STANDS_NEW:
    case STANDS_GROWN:
    case STANDS_KNOWN:
        if (g->now && g->now->judged)
            take(r, now, g->now, g->before ? g->before->note : NULL);
        else if (g->before)
            take(r, before, g->before, g->before->note);
        return;
    case STANDS_FIXED:
        return;
    case STANDS_UNSEEN:
    case STANDS_APART:
        if (g->before)
            take(r, before, g->before, g->before->note);
        return;
    }
}

static enum change change_of(const struct entry *before,
                             const struct entry *after)
{
    if (!before)
        return CHANGE_ADDED;
    if (!after)
        return CHANGE_DROPPED;
    if (after->instances > before->instances || after->bytes > before->bytes)
        return CHANGE_RAISED;
    return after->instances < before->instances || after->bytes < before->bytes
               ? CHANGE_LOWERED
               : CHANGE_NONE;
}

static const char *id_of(const struct changed *c)
{
    return c->after ? c->after->id : c->before->id;
}

static int by_change(const void *a, const void *b)
{
    const struct changed *x = a;
    const struct changed *y = b;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return strcmp(id_of(x), id_of(y));
}

static void list_changes(struct renewal *r, const struct entries *before)
{
    const struct entries *next = &r->next;
    r->changed = ARENA_ARRAY(&r->next.arena, (size_t)before->n + next->n,
                             struct changed);
    for (uint32_t b = 0, k = 0; b < before->n || k < next->n;) {
        const struct entry *x = b < before->n ? &before->at[b] : NULL;
        const struct entry *y = k < next->n ? &next->at[k] : NULL;
        const int c = !x ? 1 : !y ? -1 : strcmp(x->id, y->id);
        struct changed *to = &r->changed[r->n++];
        *to = (struct changed){.before = c <= 0 ? x : NULL,
                               .after = c >= 0 ? y : NULL};
        to->what = change_of(to->before, to->after);
        r->count[to->what]++;
        b += c <= 0;
        k += c >= 0;
    }
    if (r->n > 0)
        qsort(r->changed, r->n, sizeof *r->changed, by_change);
}

void renewal_make(struct renewal *r, const struct entries *before,
                  const struct entries *now, const struct verdicts *v)
{
    *r = (struct renewal){0};
    for (uint32_t i = 0; i < v->n; i++)
        decide(r, before, now, &v->at[i]);
    entries_sort(&r->next);
    list_changes(r, before);
}

void renewal_release(struct renewal *r)
{
    entries_release(&r->next);
}

const char *change_word(enum change what)
{
    switch (what) {
    case CHANGE_ADDED:
        return "added";
    case CHANGE_RAISED:
        return "raised";
    case CHANGE_LOWERED:
        return "lowered";
    case CHANGE_DROPPED:
        return "dropped";
    case CHANGE_NONE:
        break;
    }
    return "unchanged";
}
