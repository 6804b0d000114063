/* SPDX-License-Identifier: MIT */
/*
 * lifeline.h - what keeps one object: something outside, or garbage
 *
 * Held from outside is what a root holds, what has counts that no object's
 * reference explains, and what is alive by decree (immortal, frozen, kept on
 * purpose, there before a fork). Where nothing such leads to the object, it is
 * garbage, or what garbage holds: then the sources of the unreachable set that
 * lead to it are what would have to go.
 */
#ifndef ANALYZER_EXPLAIN_LIFELINE_H
#define ANALYZER_EXPLAIN_LIFELINE_H

#include "collect/path.h"
#include "explain/object_graph.h"

enum anchor {
    ANCHOR_NONE,
    ANCHOR_ROOT,
    ANCHOR_COUNTS,   /* more counts than references */
    ANCHOR_NEGATIVE, /* fewer: taken for alive */
    ANCHOR_IMMORTAL,
    ANCHOR_INHERITED,
    ANCHOR_IGNORED,
    ANCHOR_FROZEN,
    ANCHOR_UNJUDGED, /* untracked: only where there is no other */
};

/* Why an object lives by itself. */
enum anchor anchor_of(const struct object_graph *o, uint32_t object);

struct lifeline {
    enum anchor anchor; /* of path.object[0]; NONE: nothing outside holds it */
    struct path path;   /* from the anchor, else from a source of garbage */
    uint32_t n_sources; /* components of garbage that lead to it: */
    uint32_t *sources;  /* ascending */
};

struct lifeline lifeline_find(struct arena *a, const struct object_graph *o,
                              uint32_t object);

#endif
