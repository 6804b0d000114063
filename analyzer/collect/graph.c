/* SPDX-License-Identifier: MIT */
#include "collect/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Counts in first[v + 1] how many edges v owns, and sums them up. */
static uint32_t *rows_of(struct arena *a, uint32_t n, const struct edge *edges,
                         uint32_t m)
{
    uint32_t *first = ARENA_ARRAY(a, (size_t)n + 1, uint32_t);
    for (uint32_t i = 0; i < m; i++)
        first[edges[i].from + 1]++;
    for (uint32_t v = 0; v < n; v++)
        first[v + 1] += first[v];
    return first;
}

/* Where the next edge of each row goes: scratch, the caller frees it. */
static uint32_t *places_of(const uint32_t *first, uint32_t n)
{
    uint32_t *place = must_calloc(n, sizeof *place);
    memcpy(place, first, n * sizeof *place);
    return place;
}

struct graph graph_build(struct arena *a, uint32_t n, const struct edge *edges,
                         uint32_t m)
{
    struct graph g = {
        .n = n,
        .first = rows_of(a, n, edges, m),
        .to = ARENA_ARRAY(a, m, uint32_t),
        .edge = ARENA_ARRAY(a, m, uint32_t),
    };
    uint32_t *place = places_of(g.first, n);
    for (uint32_t i = 0; i < m; i++) {
        const uint32_t at = place[edges[i].from]++;
        g.to[at] = edges[i].to;
        g.edge[at] = i;
    }
    free(place);
    assert(graph_is_valid(&g));
    return g;
}

struct graph graph_reverse(struct arena *a, const struct graph *g)
{
    const uint32_t m = g->first[g->n];
    struct graph r = {
        .n = g->n,
        .first = ARENA_ARRAY(a, (size_t)g->n + 1, uint32_t),
        .to = ARENA_ARRAY(a, m, uint32_t),
        .edge = ARENA_ARRAY(a, m, uint32_t),
    };
    for (uint32_t i = 0; i < m; i++)
        r.first[g->to[i] + 1]++;
    for (uint32_t v = 0; v < r.n; v++)
        r.first[v + 1] += r.first[v];

    uint32_t *place = places_of(r.first, r.n);
    for (uint32_t v = 0; v < g->n; v++)
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t at = place[g->to[i]]++;
            r.to[at] = v;
            r.edge[at] = g->edge ? g->edge[i] : i;
        }
    free(place);
    assert(graph_is_valid(&r));
    return r;
}

static bool is_permutation(const uint32_t *numbers, uint32_t m)
{
    unsigned char *seen = must_calloc(m, 1);
    bool ok = true;
    for (uint32_t i = 0; i < m && ok; i++) {
        ok = numbers[i] < m && !seen[numbers[i]];
        if (ok)
            seen[numbers[i]] = 1;
    }
    free(seen);
    return ok;
}

bool graph_is_valid(const struct graph *g)
{
    if (g->first[0] != 0)
        return false;
    for (uint32_t v = 0; v < g->n; v++)
        if (g->first[v] > g->first[v + 1])
            return false;
    const uint32_t m = g->first[g->n];
    for (uint32_t i = 0; i < m; i++)
        if (g->to[i] >= g->n)
            return false;
    return !g->edge || is_permutation(g->edge, m);
}
