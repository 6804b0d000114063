/* SPDX-License-Identifier: MIT */
/*
 * seen_objects.h - what memory says of objects with more counts than references
 *
 * A count that no reference explains is somebody's. Where a root leads to the
 * object it may be the root's; where nothing does, nobody has it any more.
 * Between the two: words in lost memory may be those that hold the counts,
 * though nothing announced them (ALGORITHMS 4: they explain, they never
 * subtract). So of objects that such words hold as often as counts are missing,
 * only the source is told: the one, or the ring, that nothing lost points at.
 */
#ifndef ANALYZER_EXPLAIN_SEEN_OBJECTS_H
#define ANALYZER_EXPLAIN_SEEN_OBJECTS_H

#include "explain/inquiry.h"

struct seen_object {
    enum reach reach; /* REACH_UNKNOWN: memory does not say */
    bool told;        /* else: it is held by what is told */
    bool ring;        /* it stands for a ring of memory */
    struct held own, held;
};

/* All are zero without a snapshot. */
struct seen_objects {
    uint32_t *pointing; /* by node: lost blocks that surely point there */
    uint32_t *owners;   /* by object: lost objects that announced it */
    unsigned char *stood_for[2]; /* by component, definite and possible: one
                                    object stands for it already */
};

struct seen_objects seen_objects_begin(struct inquiry *q);

/* To be asked in the order of births, each object once. */
struct seen_object seen_objects_judge(struct seen_objects *s, struct inquiry *q,
                                      uint32_t object);

#endif
