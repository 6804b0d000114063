/* SPDX-License-Identifier: MIT */
/*
 * unheld.h - the objects that are alive for nothing
 *
 * The unreachable set, and what would be freed with it: counts fall, and what
 * the collector does not judge (a leaf) follows as soon as its counts and its
 * references are as many and every owner has gone.
 */
#ifndef ANALYZER_EXPLAIN_UNHELD_H
#define ANALYZER_EXPLAIN_UNHELD_H

#include "explain/object_graph.h"

/* One byte for each object. */
unsigned char *unheld_find(struct arena *a, const struct object_graph *o);

#endif
