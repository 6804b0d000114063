/* SPDX-License-Identifier: MIT */
/*
 * Tarjan's algorithm with its own stack: a linked list of a million objects is
 * an ordinary leak, and it must not cost us a million stack frames.
 *
 * An object is in one of three states:
 *   order 0                  not seen yet
 *   order > 0, on the trail  seen; its component is still open
 *   order > 0, of[] set      its component is closed
 */
#include "collect/collect.h"

#include <stdlib.h>

#define OPEN UINT32_MAX

struct search {
    const struct graph *g;
    const unsigned char *in;
    uint32_t *order; /* when an object was first seen, counting from 1 */
    uint32_t *low;   /* the oldest object known to be reachable from it */
    uint32_t *next;  /* the next edge to look at */
    uint32_t *trail; /* objects whose component is open, oldest first */
    uint32_t *path;  /* the objects between the start and here */
    uint32_t *of;
    uint32_t n_seen, n_trail, n_path, n_closed;
};

static void push(struct search *s, uint32_t v)
{
    s->order[v] = s->low[v] = ++s->n_seen;
    s->next[v] = s->g->first[v];
    s->trail[s->n_trail++] = v;
    s->path[s->n_path++] = v;
}

static void close_component(struct search *s, uint32_t root)
{
    uint32_t v;
    do {
        v = s->trail[--s->n_trail];
        s->of[v] = s->n_closed;
    } while (v != root);
    s->n_closed++;
}

static void pop(struct search *s, uint32_t v)
{
    if (s->low[v] == s->order[v])
        close_component(s, v);
    if (--s->n_path > 0) {
        const uint32_t parent = s->path[s->n_path - 1];
        if (s->low[v] < s->low[parent])
            s->low[parent] = s->low[v];
    }
}

static void search_from(struct search *s, uint32_t start)
{
    push(s, start);
    while (s->n_path > 0) {
        const uint32_t v = s->path[s->n_path - 1];
        if (s->next[v] == s->g->first[v + 1]) {
            pop(s, v);
            continue;
        }
        const uint32_t w = s->g->to[s->next[v]++];
        if (s->in && !s->in[w])
            continue;
        if (s->order[w] == 0)
            push(s, w);
        else if (s->of[w] == OPEN && s->order[w] < s->low[v])
            s->low[v] = s->order[w];
    }
}

/* Fills of[]; returns how many components there are. */
static uint32_t number_components(const struct graph *g,
                                  const unsigned char *in, uint32_t *of)
{
    const size_t n = g->n;
    uint32_t *scratch = must_calloc(n * 5, sizeof *scratch);
    struct search s = {
        .g = g,
        .in = in,
        .order = scratch,
        .low = scratch + n,
        .next = scratch + 2 * n,
        .trail = scratch + 3 * n,
        .path = scratch + 4 * n,
        .of = of,
    };
    for (uint32_t v = 0; v < g->n; v++)
        of[v] = OPEN;
    for (uint32_t v = 0; v < g->n; v++)
        if ((!in || in[v]) && s.order[v] == 0)
            search_from(&s, v);
    free(scratch);
    return s.n_closed;
}

/* Members of each component in a row, by counting; ascending by number. */
static void list_members(struct arena *a, uint32_t n_objects,
                         struct components *k)
{
    k->first = ARENA_ARRAY(a, (size_t)k->n + 1, uint32_t);
    for (uint32_t v = 0; v < n_objects; v++)
        if (k->of[v] != UINT32_MAX)
            k->size[k->of[v]]++;
    for (uint32_t c = 0; c < k->n; c++)
        k->first[c + 1] = k->first[c] + k->size[c];

    k->member = ARENA_ARRAY(a, k->first[k->n], uint32_t);
    k->place = ARENA_ARRAY(a, n_objects, uint32_t);
    uint32_t *next = must_calloc(k->n, sizeof *next);
    for (uint32_t v = 0; v < n_objects; v++) {
        const uint32_t c = k->of[v];
        if (c == UINT32_MAX)
            continue;
        k->place[v] = next[c]++;
        k->member[k->first[c] + k->place[v]] = v;
    }
    free(next);
}

/* An edge inside makes a ring; an edge from another one ends a source. */
static void judge_edges(const struct graph *g, struct components *k)
{
    for (uint32_t c = 0; c < k->n; c++)
        k->source[c] = 1;
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t c = k->of[v];
        if (c == UINT32_MAX)
            continue;
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t d = k->of[g->to[i]];
            if (d == c)
                k->ring[c] = 1;
            else if (d != UINT32_MAX)
                k->source[d] = 0;
        }
    }
}

struct components components_find(struct arena *a, const struct graph *g,
                                  const unsigned char *in)
{
    struct components k = {.of = ARENA_ARRAY(a, g->n, uint32_t)};
    k.n = number_components(g, in, k.of);
    k.size = ARENA_ARRAY(a, k.n, uint32_t);
    k.ring = ARENA_ARRAY(a, k.n, unsigned char);
    k.source = ARENA_ARRAY(a, k.n, unsigned char);
    list_members(a, g->n, &k);
    judge_edges(g, &k);
    return k;
}
