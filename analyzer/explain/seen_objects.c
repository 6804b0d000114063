/* SPDX-License-Identifier: MIT */
#include "explain/seen_objects.h"

#include "collect/reach.h"

#include <stdlib.h>

static void count_pointing(struct seen_objects *s, const struct inquiry *q)
{
    const struct memory *m = q->m;
    for (uint32_t v = 0; v < m->n_blocks; v++)
        for (uint32_t i = m->g.first[v]; i < m->g.first[v + 1]; i++)
            s->pointing[m->g.to[i]] +=
                m->reached[v] != REACHED_SURELY && !m->unsure[i];
}

/* Links stand by owner: a repeat stands behind the first. */
static void count_owners(struct seen_objects *s, const struct inquiry *q)
{
    uint32_t *last = must_calloc(q->s->n_objects, sizeof *last);
    for (uint32_t i = 0; i < q->s->n_links; i++) {
        const struct link *k = &q->s->links[i];
        const uint32_t v =
            k->owner == OURO_NONE ? OURO_NONE : inquiry_node(q, k->owner);
        if (v == OURO_NONE || q->m->reached[v] == REACHED_SURELY ||
            last[k->target] == k->owner + 1)
            continue;
        last[k->target] = k->owner + 1;
        s->owners[k->target]++;
    }
    free(last);
}

struct seen_objects seen_objects_begin(struct inquiry *q)
{
    struct seen_objects s = {0};
    if (!q->lost.m)
        return s;
    s.pointing = ARENA_ARRAY(&q->scratch, q->m->g.n, uint32_t);
    s.owners = ARENA_ARRAY(&q->scratch, q->s->n_objects, uint32_t);
    s.stood_for[REACH_DEFINITE] =
        ARENA_ARRAY(&q->scratch, q->lost.definite.k.n, unsigned char);
    s.stood_for[REACH_POSSIBLE] =
        ARENA_ARRAY(&q->scratch, q->lost.possible.k.n, unsigned char);
    count_pointing(&s, q);
    count_owners(&s, q);
    return s;
}

/* Do words that nobody announced account for the counts that are missing? */
static bool is_explained(const struct seen_objects *s, const struct inquiry *q,
                         uint32_t object, uint32_t v)
{
    const int64_t missing =
        q->s->objects[object].rc - (int64_t)q->o.owned[object];
    return s->pointing[v] > s->owners[object] &&
           missing <= (int64_t)(s->pointing[v] - s->owners[object]);
}

static struct held weigh_ring(const struct inquiry *q,
                              const struct lost_part *p, uint32_t c)
{
    struct held own = {0};
    for (uint32_t at = p->k.first[c]; at < p->k.first[c + 1]; at++) {
        const uint32_t v = p->k.member[at];
        const uint32_t block = v < q->m->n_blocks ? q->m->now[v] : OURO_NONE;
        if (block != OURO_NONE && q->s->blocks[block].object != OURO_NONE)
            held_add(&own, inquiry_own(q, q->s->blocks[block].object));
    }
    return own;
}

static struct seen_object judge_lost(struct seen_objects *s, struct inquiry *q,
                                     uint32_t object, uint32_t v)
{
    uint32_t c = 0;
    const struct lost_part *p =
        lost_part_of(&q->lost, q->s->objects[object].block, &c);
    struct seen_object is = {
        .reach = p == &q->lost.definite ? REACH_DEFINITE : REACH_POSSIBLE,
        .own = inquiry_own(q, object),
    };
    is.held = is.own;
    unsigned char *stood_for = &s->stood_for[is.reach][c];
    const bool ring = p->k.source[c] && p->k.size[c] > 1;
    is.told =
        ring ? !*stood_for : p->k.source[c] || !is_explained(s, q, object, v);
    if (p->k.source[c] && !*stood_for) {
        is.ring = p->k.ring[c];
        is.own = weigh_ring(q, p, c);
        is.held = p->retained[c];
        is.held.objects = is.own.objects;
    }
    *stood_for |= is.told;
    return is;
}

struct seen_object seen_objects_judge(struct seen_objects *s, struct inquiry *q,
                                      uint32_t object)
{
    struct seen_object is = {
        .reach = REACH_UNKNOWN,
        .told = true,
        .own = inquiry_own(q, object),
    };
    is.held = is.own;
    if (!q->lost.m)
        return is;
    const uint32_t v = inquiry_node(q, object);
    if (v == OURO_NONE && q->s->objects[object].block != OURO_NONE) {
        is.told = !snapshot_is_last(q->m->snapshot);
        return is;
    }
    if (v != OURO_NONE && q->m->reached[v] != REACHED_SURELY)
        return judge_lost(s, q, object, v);
    is.reach = REACH_REACHABLE;
    return is;
}
