/* SPDX-License-Identifier: MIT */
/*
 * gc_end.h - the full collection that is run after the last event
 *
 * It looks at all that the collections before it would have looked at and at
 * what they found, if that is still there: only what is new counts.
 */
#ifndef ANALYZER_EXPLAIN_GC_END_H
#define ANALYZER_EXPLAIN_GC_END_H

#include "explain/object_graph.h"

struct gc_end {
    uint64_t
        objects[GC_GENERATIONS];    /* that it left alive, by the generation */
    uint64_t bytes[GC_GENERATIONS]; /* that they were in before it */
    uint64_t looked_at;
    uint64_t unreachable;   /* not found before */
    uint64_t uncollectable; /* of those: have a finalizer that a collector may
                               not call, or are reached by such */
    uint64_t frozen;        /* objects that gc.freeze() set aside */
    uint64_t found;         /* found before, and still not freed */
};

struct gc_end gc_end_of(const struct object_graph *o);

/* The objects of U that have a finalizer, and those that they reach: one byte
   for each object. */
unsigned char *gc_uncollectable(struct arena *a, const struct object_graph *o);

#endif
