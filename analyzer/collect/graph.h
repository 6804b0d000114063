/* SPDX-License-Identifier: MIT */
/*
 * graph.h - which object points at which, in compressed sparse rows
 *
 * Objects are numbered 0 .. n-1. The objects that v points at are
 *     to[first[v]], to[first[v] + 1], ..., to[first[v + 1] - 1]
 *
 * Invariants (graph_is_valid checks them all):
 *   first[0] == 0, first[] never goes down, first[n] == number of edges;
 *   every to[i] < n; a repeat within a row is a second counted reference;
 *   edge[i] is the number that to[i] had among the caller's edges, each once.
 * An object may point at itself. That is a cycle of one.
 */
#ifndef ANALYZER_COLLECT_GRAPH_H
#define ANALYZER_COLLECT_GRAPH_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

struct edge {
    uint32_t from, to;
};

struct graph {
    uint32_t n;
    uint32_t *first; /* n + 1 of them */
    uint32_t *to;
    uint32_t *edge; /* index into the caller's edges; NULL: they are in order,
                       i is its own number */
};

/* Built by degree count and fill, O(n + m); keeps the order of equal owners. */
struct graph graph_build(struct arena *a, uint32_t n, const struct edge *edges,
                         uint32_t m);
/* The same edges turned round. */
struct graph graph_reverse(struct arena *a, const struct graph *g);
bool graph_is_valid(const struct graph *g);

#endif
