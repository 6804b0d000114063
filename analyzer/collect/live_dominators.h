/* SPDX-License-Identifier: MIT */
/*
 * live_dominators.h - which block alone stands between another and the roots,
 * among what is alive
 *
 * Node d dominates v if every path from a root to v passes through d: if d
 * went, v could not be reached. Unlike what is lost (dominators.h) this graph
 * has rings that are entered in many places, so components will not do: each
 * node has its own dominator. Lengauer and Tarjan's algorithm, TOPLAS 1979, the
 * form with path compression alone: O(m log n), iterative.
 *
 * A virtual root, number g->n, points at each node with root[v] != 0.
 *
 * Invariants: idom[v] stands before v in order[]; walking up ends at g->n.
 */
#ifndef ANALYZER_COLLECT_LIVE_DOMINATORS_H
#define ANALYZER_COLLECT_LIVE_DOMINATORS_H

#include "collect/graph.h"

struct live_dominators {
    uint32_t *idom; /* by node: its nearest dominator; g->n: none but the root;
                       UINT32_MAX: no root reaches it */
    uint32_t n;
    uint32_t *order; /* the n nodes that are reached, each behind its dominator
                      */
};

struct live_dominators live_dominators_find(struct arena *a,
                                            const struct graph *g,
                                            const unsigned char *root);

#endif
