/* SPDX-License-Identifier: MIT */
/*
 * shapes.h - large graphs to measure the collector with, from a seed
 *
 * Drawn straight into sparse rows, so that nothing else takes memory. Counts
 * are the edges; a root has one more. The same arguments give the same graph on
 * every machine.
 *
 * "mix" is what a program leaves behind: one half lives, as trees below a root
 * in every thousand objects, with edges across. Of the other half a fifth is
 * one component, a tenth a ladder; the rest are rings of 2 to 1000 (half of
 * them of 2 or 3) with chords, some held by another ring, each with a list or a
 * tree behind it that is now and then held by its neighbour too, some edges to
 * oneself, some edges twice.
 *
 * The others are hostile, and all garbage: "list", "ladder" (each behind a self
 * reference), "ring", "pairs" (rings of two), "loops" (self references),
 * "star" (a hub and what points back at it), "clique".
 */
#ifndef TESTS_BENCH_SHAPES_H
#define TESTS_BENCH_SHAPES_H

#include "collect/graph.h"

struct drawing {
    struct graph g;
    int64_t *rc;
    unsigned char *root; /* by object */
};

/*
 * n objects; about m edges where the shape leaves a choice. Neighbours in the
 * shape have neighbouring numbers in runs of `run`, and the runs stand in
 * disorder: with 1 no two neighbours do. False: there is no such shape.
 */
bool shapes_draw(struct drawing *d, struct arena *a, const char *shape,
                 uint32_t n, uint32_t m, uint32_t run);

#endif
