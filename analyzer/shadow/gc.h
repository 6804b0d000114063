/* SPDX-License-Identifier: MIT */
/*
 * gc.h - what the collections of a replay did, as Python's gc module tells it
 *
 * All of it is the state at the last event, before the full collection that is
 * run then: that one's figures are in struct object_graph.
 */
#ifndef ANALYZER_SHADOW_GC_H
#define ANALYZER_SHADOW_GC_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GC_OLDEST = 2,
    GC_GENERATIONS = 3,
    GC_PERMANENT = 3, /* frozen */
    GC_FOUND = 4,     /* unreachable, found by a collection before the end */
    GC_NOWHERE = 5,   /* a leaf, or untracked */
};

/* CPython's, to 3.12. */
#define GC_USUAL_THRESHOLDS                                                    \
    {                                                                          \
        700, 10, 10                                                            \
    }

enum gc_why { GC_BY_THRESHOLD, GC_EXPLICIT };

/* One collection. */
struct collection {
    uint64_t stamp;
    uint64_t count[GC_GENERATIONS]; /* before it */
    uint32_t objects;               /* that it looked at */
    uint32_t unreachable;           /* of them */
    uint32_t uncollectable; /* of those: have a finalizer that a collector may
                               not call, or are reached by such */
    uint8_t generation;
    uint8_t why; /* enum gc_why */
};

struct gc_stats {
    uint64_t collections, unreachable, uncollectable;
};

/* Objects of a type that were found unreachable, and then used at a place. */
struct revived {
    uint32_t type;  /* string */
    uint32_t stack; /* of the event that touched them, or 0 */
    uint64_t n;
    uint64_t stamp; /* of the first */
};

struct gc {
    uint64_t threshold[GC_GENERATIONS];
    uint64_t count[GC_GENERATIONS];
    struct gc_stats stats[GC_GENERATIONS];
    bool disabled;
    uint64_t n_collections;
    uint32_t n_log, log_room; /* GC_LOGGED at most: where there were more, */
    struct collection *log;   /* every log_step-th of them, from the first on */
    uint64_t log_step;
    uint64_t n_revived;
    uint32_t n_revivals; /* by type and place, in order of their first times */
    struct revived *revivals;
    uint64_t n_reclaimed;
    uint64_t delay_sum, delay_most; /* from found to freed, in stamps */
};

enum { GC_LOGGED = 1 << 20, GC_REVIVALS = 1 << 12 };

/* How a reader wants it replayed. All zero: as recorded, to the end. */
struct gc_options {
    bool none;  /* no collections at all */
    bool fixed; /* these thresholds, whatever the program says: */
    uint64_t threshold[GC_GENERATIONS];
    bool ends; /* events behind this stamp are left out: */
    uint64_t until;
    bool catches; /* the blocks as they were at this stamp (caught.h): */
    uint64_t catch_at;
};

#endif
