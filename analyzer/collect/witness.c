/* SPDX-License-Identifier: MIT */
/*
 * A breadth-first search from the component's smallest member, inside the
 * component, until an edge leads back to it. Members are numbered by their
 * place in the component, so that the cost follows the component, not the
 * graph: ten thousand small rings are ordinary.
 */
#include "collect/collect.h"

#include <stdlib.h>

#define NOT_SEEN UINT32_MAX

struct breadth {
    const struct graph *g;
    const struct components *k;
    uint32_t c;
    uint32_t *queue; /* objects */
    uint32_t *by;    /* by place: the edge that first reached the object */
    uint32_t *from;  /* by place: the owner of that edge */
    uint32_t n_queue;
};

/* Looks at the edges of v; true where one leads home: by[0] is that edge. */
static bool look_from(struct breadth *b, uint32_t v)
{
    for (uint32_t i = b->g->first[v]; i < b->g->first[v + 1]; i++) {
        const uint32_t w = b->g->to[i];
        if (b->k->of[w] != b->c)
            continue;
        const uint32_t place = b->k->place[w];
        if (b->by[place] != NOT_SEEN)
            continue;
        b->by[place] = i;
        b->from[place] = v;
        if (place == 0)
            return true;
        b->queue[b->n_queue++] = w;
    }
    return false;
}

static bool search(struct breadth *b)
{
    const uint32_t start = b->k->member[b->k->first[b->c]];
    for (uint32_t i = 0; i < b->k->size[b->c]; i++)
        b->by[i] = NOT_SEEN;
    b->queue[b->n_queue++] = start;
    for (uint32_t at = 0; at < b->n_queue; at++)
        if (look_from(b, b->queue[at]))
            return true;
    return false;
}

/* Goes back from the start, over the edges that reached each object. */
static struct witness walk_back(struct arena *a, const struct breadth *b)
{
    const uint32_t start = b->queue[0];
    struct witness w = {.n = 1};
    for (uint32_t v = b->from[0]; v != start; v = b->from[b->k->place[v]])
        w.n++;
    w.object = ARENA_ARRAY(a, w.n, uint32_t);
    w.edge = ARENA_ARRAY(a, w.n, uint32_t);
    uint32_t v = start;
    for (uint32_t i = w.n; i-- > 0;) {
        w.edge[i] = b->by[b->k->place[v]];
        v = b->from[b->k->place[v]];
        w.object[i] = v;
    }
    return w;
}

struct witness witness_find(struct arena *a, const struct graph *g,
                            const struct components *k, uint32_t c)
{
    if (!k->ring[c])
        return (struct witness){0};
    const size_t n = k->size[c];
    uint32_t *scratch = must_calloc(n * 3, sizeof *scratch);
    struct breadth b = {
        .g = g,
        .k = k,
        .c = c,
        .queue = scratch,
        .by = scratch + n,
        .from = scratch + 2 * n,
    };
    struct witness w = {0};
    if (search(&b))
        w = walk_back(a, &b);
    free(scratch);
    return w;
}
