/* SPDX-License-Identifier: MIT */
#include "collect/path.h"

#include <stdlib.h>

#define NOT_SEEN UINT32_MAX
#define AT_START (UINT32_MAX - 1)

struct breadth {
    const struct graph *g;
    const unsigned char *inside;
    uint32_t *by;   /* the edge that first reached the object */
    uint32_t *from; /* the owner of that edge */
    uint32_t *queue;
    uint32_t n_queue;
};

static bool is_inside(const struct breadth *b, uint32_t v)
{
    return !b->inside || b->inside[v];
}

static void look_from(struct breadth *b, uint32_t v)
{
    for (uint32_t i = b->g->first[v]; i < b->g->first[v + 1]; i++) {
        const uint32_t w = b->g->to[i];
        if (b->by[w] != NOT_SEEN || !is_inside(b, w))
            continue;
        b->by[w] = i;
        b->from[w] = v;
        b->queue[b->n_queue++] = w;
    }
}

static void search(struct breadth *b, const unsigned char *start, uint32_t to)
{
    for (uint32_t v = 0; v < b->g->n; v++) {
        b->by[v] = NOT_SEEN;
        if (!start[v] || !is_inside(b, v))
            continue;
        b->by[v] = AT_START;
        b->queue[b->n_queue++] = v;
    }
    for (uint32_t at = 0; at < b->n_queue && b->by[to] == NOT_SEEN; at++)
        look_from(b, b->queue[at]);
}

static struct path walk_back(struct arena *a, const struct breadth *b,
                             uint32_t to)
{
    struct path p = {.n = 1};
    if (b->by[to] == NOT_SEEN)
        return (struct path){0};
    for (uint32_t v = to; b->by[v] != AT_START; v = b->from[v])
        p.n++;
    p.object = ARENA_ARRAY(a, p.n, uint32_t);
    p.edge = ARENA_ARRAY(a, p.n, uint32_t);
    uint32_t v = to;
    for (uint32_t i = p.n - 1; i > 0; i--) {
        p.object[i] = v;
        p.edge[i - 1] = b->by[v];
        v = b->from[v];
    }
    p.object[0] = v;
    return p;
}

struct path path_find(struct arena *a, const struct graph *g,
                      const unsigned char *start, const unsigned char *inside,
                      uint32_t to)
{
    const size_t n = g->n;
    uint32_t *scratch = must_calloc(n * 3, sizeof *scratch);
    struct breadth b = {
        .g = g,
        .inside = inside,
        .by = scratch,
        .from = scratch + n,
        .queue = scratch + 2 * n,
    };
    search(&b, start, to);
    const struct path p = walk_back(a, &b, to);
    free(scratch);
    return p;
}

unsigned char *path_sources(struct arena *a, const struct graph *g, uint32_t to)
{
    struct arena scratch = {0};
    const struct graph back = graph_reverse(&scratch, g);
    uint32_t *stack = must_calloc(g->n, sizeof *stack);
    unsigned char *met = ARENA_ARRAY(a, g->n, unsigned char);
    uint32_t n = 1;
    stack[0] = to;
    met[to] = 1;
    while (n > 0) {
        const uint32_t v = stack[--n];
        for (uint32_t i = back.first[v]; i < back.first[v + 1]; i++) {
            if (met[back.to[i]])
                continue;
            met[back.to[i]] = 1;
            stack[n++] = back.to[i];
        }
    }
    free(stack);
    arena_release(&scratch);
    return met;
}
