/* SPDX-License-Identifier: MIT */
/*
 * A breadth-first search from the component's smallest member, inside the
 * component, until an edge leads back to it. Members are numbered by their
 * place in the component, so that the cost follows the component, not the
 * graph: ten thousand small rings are ordinary.
 */
#include "collect/collect.h"

#include <stdlib.h>

/* An object that was reached, and how. */
struct reached {
    uint32_t object;
    uint32_t edge; /* that led to it */
    uint32_t from; /* index of the edge's owner in the queue */
};

struct breadth {
    const struct graph *g;
    const struct components *k;
    uint32_t c;
    struct reached *queue; /* the start first; in the end, the start again */
    unsigned char *seen;   /* by place */
    uint32_t n;
};

/* Looks at the edges of queue[at]; true where one leads home. */
static bool look_from(struct breadth *b, uint32_t at)
{
    const uint32_t v = b->queue[at].object;
    for (uint32_t i = b->g->first[v]; i < b->g->first[v + 1]; i++) {
        const uint32_t w = b->g->to[i];
        if (b->k->of[w] != b->c)
            continue;
        const uint32_t place = b->k->place[w];
        if (b->seen[place])
            continue;
        b->seen[place] = 1;
        b->queue[b->n++] = (struct reached){w, i, at};
        if (place == 0)
            return true;
    }
    return false;
}

static bool search(struct breadth *b)
{
    b->queue[b->n++].object = b->k->member[b->k->first[b->c]];
    for (uint32_t at = 0; at < b->n; at++)
        if (look_from(b, at))
            return true;
    return false;
}

/* Goes back from the end, over the edges that reached each object. */
static struct witness walk_back(struct arena *a, const struct breadth *b)
{
    struct witness w = {0};
    for (uint32_t at = b->n - 1; at != 0; at = b->queue[at].from)
        w.n++;
    w.object = ARENA_ARRAY(a, w.n, uint32_t);
    w.edge = ARENA_ARRAY(a, w.n, uint32_t);
    uint32_t at = b->n - 1;
    for (uint32_t i = w.n; i-- > 0;) {
        w.edge[i] = b->queue[at].edge;
        at = b->queue[at].from;
        w.object[i] = b->queue[at].object;
    }
    return w;
}

struct witness witness_find(struct arena *a, const struct graph *g,
                            const struct components *k, uint32_t c)
{
    if (!k->ring[c])
        return (struct witness){0};
    const size_t n = k->size[c];
    struct breadth b = {
        .g = g,
        .k = k,
        .c = c,
        .queue = must_calloc(n + 1, sizeof *b.queue),
        .seen = must_calloc(n, sizeof *b.seen),
    };
    struct witness w = {0};
    if (search(&b))
        w = walk_back(a, &b);
    free(b.queue);
    free(b.seen);
    return w;
}
