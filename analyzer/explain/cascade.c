/* SPDX-License-Identifier: MIT */
#include "explain/cascade.h"

#include <stdlib.h>
#include <string.h>

/* Lists by component, by counting. */
static void list_held(struct cascade *c, struct arena *a)
{
    const struct object_graph *o = c->o;
    c->first = ARENA_ARRAY(a, (size_t)o->k.n + 1, uint32_t);
    for (uint32_t v = 0; v < o->g.n; v++)
        if (o->r.held_by[v] != UINT32_MAX)
            c->first[o->r.held_by[v] + 1]++;
    for (uint32_t k = 0; k < o->k.n; k++)
        c->first[k + 1] += c->first[k];

    c->list = ARENA_ARRAY(a, c->first[o->k.n], uint32_t);
    uint32_t *place = must_calloc(o->k.n, sizeof *place);
    for (uint32_t v = 0; v < o->g.n; v++)
        if (o->r.held_by[v] != UINT32_MAX) {
            const uint32_t k = o->r.held_by[v];
            c->list[c->first[k] + place[k]++] = v;
        }
    free(place);
}

void cascade_init(struct cascade *c, struct arena *a,
                  const struct object_graph *o, const struct weights *w)
{
    *c = (struct cascade){
        .o = o,
        .w = w,
        .turn = ARENA_ARRAY(a, o->g.n, uint32_t),
        .remaining = ARENA_ARRAY(a, o->g.n, uint64_t),
        .queue = ARENA_ARRAY(a, o->g.n, uint32_t),
    };
    list_held(c, a);
}

/* One of w's counts comes from the set; true if it was the last. */
static bool give_up(struct cascade *c, uint32_t w)
{
    if (c->o->u.in[w] || object_is_excused(c->o->shadow, w))
        return false;
    if (c->turn[w] != c->n_turns) {
        c->turn[w] = c->n_turns;
        c->remaining[w] = (uint64_t)c->o->rc[w];
    }
    return --c->remaining[w] == 0;
}

/* Lets counts fall, beginning with the n objects in the queue. */
static struct held fall(struct cascade *c, uint32_t n)
{
    const struct graph *g = &c->o->g;
    struct held h = {0};
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t v = c->queue[at];
        h.objects++;
        h.blocks += c->w->blocks[v];
        h.bytes += c->w->bytes[v];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
            if (give_up(c, g->to[i]))
                c->queue[n++] = g->to[i];
    }
    return h;
}

struct held cascade_source(struct cascade *c, uint32_t k)
{
    const uint32_t n = c->first[k + 1] - c->first[k];
    memcpy(c->queue, c->list + c->first[k], n * sizeof *c->queue);
    c->n_turns++;
    return fall(c, n);
}

struct held cascade_object(struct cascade *c, uint32_t object)
{
    c->queue[0] = object;
    c->turn[object] = ++c->n_turns;
    c->remaining[object] = 0;
    return fall(c, 1);
}
