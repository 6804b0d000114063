/* SPDX-License-Identifier: MIT */
/*
 * dot_referrers.c - who holds the members besides the members themselves
 *
 * For what hangs on more or fewer counts than it should: every announced
 * reference that was there at the end. A cycle has none, or it would be none.
 */
#include "report/dot_out.h"
#include "report/text_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct referrer {
    const struct link *link;
    uint32_t member;
};

struct referrers {
    struct dot_out *o;
    const struct shadow *s;
    uint32_t n, room;
    struct referrer *at;
};

/* By object: a member's number + 1. */
static uint32_t *number_members(const struct dot_out *o)
{
    const uint32_t n = o->image->shadow.n_objects;
    uint32_t *member = ARENA_ARRAY(o->arena, (size_t)n + 1, uint32_t);
    for (uint32_t i = 0; i < o->f->n_members; i++)
        if (o->f->members[i].object < n)
            member[o->f->members[i].object] = i + 1;
    return member;
}

static void gather(struct referrers *r)
{
    const uint32_t *member = number_members(r->o);
    for (uint32_t i = 0; i < r->s->n_links; i++) {
        const struct link *k = &r->s->links[i];
        const uint32_t target = member[k->target];
        if (target == 0 || !r->o->choice.is_drawn[target - 1] ||
            (k->owner != OURO_NONE && member[k->owner] != 0))
            continue;
        GROW(r->at, r->n, r->room);
        r->at[r->n++] = (struct referrer){k, target - 1};
    }
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static const char *text_of(const struct referrers *r, uint32_t string)
{
    return r->s->trace->strings.text[string];
}

/* Zero where it is one arrow: one holder, one field, one member. Holders are
   numbered by birth; roots come last. */
static int compare_arrows(const struct referrers *r, const struct referrer *x,
                          const struct referrer *y)
{
    const struct link *a = x->link;
    const struct link *b = y->link;
    int c = compare(a->owner, b->owner);
    if (c == 0)
        c = strcmp(text_of(r, a->field), text_of(r, b->field));
    if (c == 0 && a->field == 0 && a->owner != OURO_NONE)
        c = compare(a->in_owned, b->in_owned);
    if (c == 0 && a->field == 0 && a->owner != OURO_NONE && !a->in_owned)
        c = compare((uint64_t)a->offset, (uint64_t)b->offset);
    return c ? c : compare(x->member, y->member);
}

static int by_arrow(const void *a, const void *b, void *of)
{
    return compare_arrows(of, a, b);
}

static bool is_same_holder(const struct referrers *r, uint32_t i)
{
    const struct link *a = r->at[i - 1].link;
    const struct link *b = r->at[i].link;
    return a->owner == b->owner &&
           (a->owner != OURO_NONE || a->field == b->field);
}

static void put_holder(const struct referrers *r, uint32_t holder,
                       const struct link *k)
{
    FILE *to = r->o->to;
    struct text_line l = {0};
    const bool root = k->owner == OURO_NONE;
    const char *name =
        text_of(r, root ? k->field : r->s->objects[k->owner].type);
    const char *label = root ? "" : text_of(r, r->s->objects[k->owner].label);
    text_add(&l, "%s%s", root ? *name ? "root " : "a root" : "",
             root || *name ? text_head(name, DOT_LABEL).bytes : "object");
    if (*label)
        text_add(&l, " \"%s\"", text_head(label, DOT_LABEL).bytes);
    fprintf(to, "    h%" PRIu32 " [shape=%s, label=\"", holder,
            root ? "ellipse" : "box");
    dot_line(to, l.text);
    fputs("\"];\n", to);
}

static void put_arrow(const struct referrers *r, uint32_t holder, uint32_t i,
                      uint64_t count)
{
    FILE *to = r->o->to;
    const struct link *k = r->at[i].link;
    char offset[32];
    snprintf(offset, sizeof offset, "%+" PRId64, k->offset);
    fprintf(to, "    h%" PRIu32 " -> m%" PRIu32 " [label=\"", holder,
            r->at[i].member);
    if (k->owner == OURO_NONE)
        dot_put_field(to, "", count);
    else if (k->field != 0)
        dot_put_field(to, text_of(r, k->field), count);
    else
        dot_put_field(to, k->in_owned ? "[]" : offset, count);
    fputs("\"];\n", to);
}

static void put_left_out(const struct referrers *r, uint32_t n)
{
    struct text_line l = {0};
    text_add(&l, "held by %s more", text_count(n, "reference").bytes);
    fputs("    holders [style=dashed, label=\"", r->o->to);
    dot_line(r->o->to, l.text);
    fputs("\"];\n    holders -> ", r->o->to);
    dot_put_subject(r->o);
    fputs(" [style=dashed];\n", r->o->to);
}

static void put_all(const struct referrers *r)
{
    uint32_t holder = 0;
    for (uint32_t i = 0, next; i < r->n; i = next) {
        const bool fresh = i == 0 || !is_same_holder(r, i);
        if (fresh && holder == r->o->most) {
            put_left_out(r, r->n - i);
            return;
        }
        holder += fresh;
        for (next = i + 1; next < r->n; next++)
            if (compare_arrows(r, &r->at[i], &r->at[next]) != 0)
                break;
        if (fresh)
            put_holder(r, holder - 1, r->at[i].link);
        put_arrow(r, holder - 1, i, next - i);
    }
}

void dot_referrers(struct dot_out *o)
{
    struct referrers r = {.o = o, .s = &o->image->shadow};
    if (o->choice.n_drawn == 0)
        return;
    gather(&r);
    if (r.n > 0)
        qsort_r(r.at, r.n, sizeof *r.at, by_arrow, &r);
    put_all(&r);
    free(r.at);
}
