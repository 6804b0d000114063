/* SPDX-License-Identifier: MIT */
/*
 * path.h - a shortest way along edges, from any of many objects to one
 *
 * By breadth first, so O(n+m); iterative. Of equally short ways always the
 * same: that of the start with the smallest number, then the first edge.
 */
#ifndef ANALYZER_COLLECT_PATH_H
#define ANALYZER_COLLECT_PATH_H

#include "collect/graph.h"

/* n objects, the last is the one that was asked for, and the n - 1 edges
   (indices into g->to) between them. n 0: there is no way. */
struct path {
    uint32_t n;
    uint32_t *object;
    uint32_t *edge;
};

/* From the objects where start[v]; only through those where inside[v] (NULL:
   all), where the first and the last must be, too. */
struct path path_find(struct arena *a, const struct graph *g,
                      const unsigned char *start, const unsigned char *inside,
                      uint32_t to);

/* All from which an edge or several lead to `to`, and itself: one byte for each
   object. */
unsigned char *path_sources(struct arena *a, const struct graph *g,
                            uint32_t to);

#endif
