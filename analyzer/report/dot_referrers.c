/* SPDX-License-Identifier: MIT */
/*
 * dot_referrers.c - who holds the first member besides other members
 *
 * For what hangs on more or fewer counts than it should: every announced
 * reference that was there at the end. A cycle has none, or it would be none.
 */
#include "report/dot_out.h"
#include "report/text_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct referrers {
    struct dot_out *o;
    const struct shadow *s;
    uint32_t object; /* that is held */
    uint32_t n, room;
    uint32_t *at; /* links */
};

/* By object. What members hold is drawn already. */
static bool *mark_members(const struct dot_out *o)
{
    const uint32_t n = o->image->shadow.n_objects;
    bool *is_member = ARENA_ARRAY(o->arena, (size_t)n + 1, bool);
    for (uint32_t i = 0; i < o->f->n_members; i++)
        if (o->f->members[i].object < n)
            is_member[o->f->members[i].object] = true;
    return is_member;
}

static void gather(struct referrers *r)
{
    const bool *is_member = mark_members(r->o);
    for (uint32_t i = 0; i < r->s->n_links; i++) {
        const struct link *k = &r->s->links[i];
        if (k->target != r->object ||
            (k->owner != OURO_NONE && is_member[k->owner]))
            continue;
        GROW(r->at, r->n, r->room);
        r->at[r->n++] = i;
    }
}

static const struct link *link_at(const struct referrers *r, uint32_t i)
{
    return &r->s->links[r->at[i]];
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static const char *text_of(const struct referrers *r, uint32_t string)
{
    return r->s->trace->strings.text[string];
}

/* Zero where it is one arrow: one holder, one field. Holders are numbered by
   birth; roots come last. */
static int compare_arrows(const struct referrers *r, const struct link *a,
                          const struct link *b)
{
    int c = compare(a->owner, b->owner);
    if (c == 0)
        c = strcmp(text_of(r, a->field), text_of(r, b->field));
    if (c == 0 && a->field == 0 && a->owner != OURO_NONE)
        c = compare(a->in_owned, b->in_owned);
    if (c == 0 && a->field == 0 && a->owner != OURO_NONE && !a->in_owned)
        c = compare((uint64_t)a->offset, (uint64_t)b->offset);
    return c;
}

static int by_arrow(const void *a, const void *b, void *of)
{
    const struct referrers *r = of;
    return compare_arrows(r, &r->s->links[*(const uint32_t *)a],
                          &r->s->links[*(const uint32_t *)b]);
}

static bool is_same_holder(const struct referrers *r, uint32_t i)
{
    const struct link *a = link_at(r, i - 1);
    const struct link *b = link_at(r, i);
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
    const struct link *k = link_at(r, i);
    char offset[32];
    snprintf(offset, sizeof offset, "%+" PRId64, k->offset);
    fprintf(to, "    h%" PRIu32 " -> ", holder);
    dot_put_subject(r->o);
    fputs(" [label=\"", to);
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
    const uint32_t most = r->o->most - r->o->choice.n_drawn;
    for (uint32_t i = 0, next; i < r->n; i = next) {
        const bool fresh = i == 0 || !is_same_holder(r, i);
        if (fresh && holder == most) {
            put_left_out(r, r->n - i);
            return;
        }
        holder += fresh;
        for (next = i + 1; next < r->n; next++)
            if (compare_arrows(r, link_at(r, i), link_at(r, next)) != 0)
                break;
        if (fresh)
            put_holder(r, holder - 1, link_at(r, i));
        put_arrow(r, holder - 1, i, next - i);
    }
}

void dot_referrers(struct dot_out *o)
{
    struct referrers r = {.o = o, .s = &o->image->shadow};
    if (o->choice.n_drawn == 0 || o->f->kind == FINDING_CYCLE)
        return;
    r.object = o->f->members[o->choice.drawn[0]].object;
    gather(&r);
    if (r.n > 0)
        qsort_r(r.at, r.n, sizeof *r.at, by_arrow, &r);
    put_all(&r);
    free(r.at);
}
