/* SPDX-License-Identifier: MIT */
/*
 * Source components that are rings, grouped by what their edges look like
 * before any stack has a name: (type, stack) -field-> (type, stack). Ten
 * thousand rings that one loop left behind are one group, and only the smallest
 * of them is ever described.
 */
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static void count_types(struct inquiry *q, struct cycle_group *g,
                        const struct ring *rings, uint32_t n)
{
    uint64_t *count = q->type_counts;
    uint32_t *met = NULL;
    uint32_t n_met = 0;
    uint32_t room = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t c = rings[i].component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++) {
            const uint32_t type = q->s->objects[q->o.k.member[at]].type;
            if (count[type]++ > 0)
                continue;
            GROW(met, n_met, room);
            met[n_met++] = type;
        }
    }
    g->n_types = n_met;
    g->types = ARENA_ARRAY(q->out, n_met, struct finding_type);
    for (uint32_t i = 0; i < n_met; i++) {
        g->types[i].type = inquiry_text(q, met[i]);
        g->types[i].count = count[met[i]];
        count[met[i]] = 0;
    }
    free(met);
}

static void note_link(void *to, const struct link *k)
{
    uint64_t *newest = to;
    if (k->stamp > *newest)
        *newest = k->stamp;
}

/* When its newest member was made, or its newest link. */
static uint64_t came_about(const struct inquiry *q, uint32_t c)
{
    uint64_t newest = 0;
    if (q->appearances.n_named == 0)
        return 0;
    for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++) {
        const uint64_t born = q->s->objects[q->o.k.member[at]].stamp;
        if (born > newest)
            newest = born;
    }
    rings_each_edge(q, c, note_link, &newest);
    return newest;
}

static struct cycle_group group_of(struct inquiry *q, const struct ring *rings,
                                   uint32_t n)
{
    struct cycle_group g = {
        .component = rings[0].component,
        .birth = rings[0].birth,
        .instances = n,
    };
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t c = rings[i].component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
            held_add(&g.own, inquiry_own(q, q->o.k.member[at]));
    }
    count_types(q, &g, rings, n);
    for (uint32_t i = 0; i < n; i++)
        appearances_note(q, &g.appeared, came_about(q, rings[i].component));
    return g;
}

static void want_members(struct inquiry *q, uint32_t c)
{
    for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
        q->wanted[q->o.k.member[at]] = 1;
}

void cycles_gather(struct inquiry *q)
{
    uint32_t n;
    struct ring *rings = rings_find(q, &n);
    q->type_counts = ARENA_ARRAY(&q->scratch, q->t->strings.n, uint64_t);
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i;
        while (end < n && rings[end].source && rings[end].key == rings[i].key)
            end++;
        if (end == i) {
            i++;
            continue;
        }
        const uint32_t c = rings[i].component;
        q->rings.kind[q->rings.kind_of[c]].group = q->n_cycles;
        GROW(q->cycles, q->n_cycles, q->cycles_room);
        q->cycles[q->n_cycles++] = group_of(q, &rings[i], end - i);
        want_members(q, c);
        i = end;
    }
    free(rings);
}

static void note_newest(void *to, const struct link *k)
{
    struct lowering *newest = to;
    if (!newest->known || k->stamp > newest->stamp)
        *newest = (struct lowering){true, k->stamp, k->stack};
}

/* Counts minus links inside fell last when a count was given back, or when a
   link inside took over a count from outside. */
void cycles_date(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        struct cycle_group *g = &q->cycles[i];
        const uint32_t c = g->component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++) {
            const struct lowering l = inquiry_lowering(q, q->o.k.member[at]);
            if (l.known && (!g->released.known || l.stamp > g->released.stamp))
                g->released = l;
        }
        rings_each_edge(q, c, note_newest, &g->linked);
    }
}

static void ask_edge(void *to, const struct link *k)
{
    inquiry_ask(to, k->stack);
}

void cycles_ask(struct inquiry *q)
{
    rings_ask(q);
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        const struct cycle_group *g = &q->cycles[i];
        const uint32_t c = g->component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
            inquiry_ask(q, q->s->objects[q->o.k.member[at]].stack);
        rings_each_edge(q, c, ask_edge, q);
        inquiry_ask(q, g->released.stack);
    }
}

void cycles_draft(struct inquiry *q)
{
    rings_identify(q);
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        const struct cycle_group *g = &q->cycles[i];
        struct draft *d = inquiry_draft(q, FINDING_CYCLE, i);
        const uint32_t kind = q->rings.kind_of[g->component];
        memcpy(d->id, q->rings.kind[kind].id, sizeof d->id);
        d->size = q->o.k.size[g->component];
        d->birth = g->birth;
        d->instances = g->instances;
        d->appeared = g->appeared;
        d->own = g->own;
        d->n_types = g->n_types;
        d->types = g->types;
    }
}
