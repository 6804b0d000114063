/* SPDX-License-Identifier: MIT */
/*
 * dominators.h - which component alone stands between another and the roots
 *
 * The condensation of the unreachable part has no cycles, and a virtual root,
 * number k->n, points at its sources. Component d dominates c if every path
 * from the root to c passes through d: if d goes, c goes.
 *
 * Invariants: idom[c] > c (components are numbered in reverse topological
 * order, and the root is above all); so every walk upwards ends at the root.
 */
#ifndef ANALYZER_COLLECT_DOMINATORS_H
#define ANALYZER_COLLECT_DOMINATORS_H

#include "collect/collect.h"

struct dominators {
    uint32_t root;  /* k->n */
    uint32_t *idom; /* by component: the nearest dominator */
};

/* O((n + m) log n), whatever the shape: one pass in topological order. */
struct dominators dominators_find(struct arena *a, const struct graph *g,
                                  const struct components *k);

#endif
