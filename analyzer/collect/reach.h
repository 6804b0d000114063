/* SPDX-License-Identifier: MIT */
/*
 * reach.h - what can still be reached from the roots, and how surely
 *
 * A graph of memory: nodes, and edges that are *sure* (a word points at the
 * start of the node, or where a well-known layout lets a pointer be) or only
 * *perhaps* pointers (into the middle). A root's word is the same.
 *
 *   reachable  by a chain of sure words from a root
 *   possible   by a chain, one of whose words is only perhaps a pointer
 *   definite   (lost): by none
 *
 * as Valgrind's Memcheck tells them apart. Not in it is "indirectly lost": what
 * is lost is one graph, and its source components are the findings
 * (components_find, retained_find). The same holds for what is possible.
 *
 * Invariants, for every edge u -> v: u reachable and the edge sure: v is
 * reachable; u reachable or possible: v is reachable or possible. And every
 * node that is not definite has such an edge from another node, or is a root.
 */
#ifndef ANALYZER_COLLECT_REACH_H
#define ANALYZER_COLLECT_REACH_H

#include "collect/graph.h"

enum reached { REACHED_NOT, REACHED_PERHAPS, REACHED_SURELY };

/*
 * `unsure`: by entry of g->to, 1: only perhaps a pointer; NULL: none is.
 * `root`: by node, enum reached: what roots say of it themselves. The result is
 * by node, enum reached. O(n + m), iterative.
 */
unsigned char *reach_find(struct arena *a, const struct graph *g,
                          const unsigned char *unsure,
                          const unsigned char *root);

bool reach_is_valid(const struct graph *g, const unsigned char *unsure,
                    const unsigned char *root, const unsigned char *reached);

#endif
