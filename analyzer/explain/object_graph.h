/* SPDX-License-Identifier: MIT */
/*
 * object_graph.h - the live objects as a graph, and what of it is unreachable
 *
 * Objects keep their numbers in the shadow. Edges are the counted references
 * that objects hold; what a root holds is no edge: it stays an external count,
 * and so keeps its target alive.
 *
 * Candidates are the tracked containers. Leaves hold nothing: they go with
 * their owners (cascade.h). What is immortal, ignored, inherited, frozen or
 * untracked is no candidate, so what it holds is alive.
 */
#ifndef ANALYZER_EXPLAIN_OBJECT_GRAPH_H
#define ANALYZER_EXPLAIN_OBJECT_GRAPH_H

#include "collect/collect.h"
#include "shadow/shadow.h"

struct object_graph {
    const struct shadow *shadow;
    struct graph g;
    int64_t *rc;
    uint32_t *owned; /* references to it that someone holds, roots too */
    unsigned char *candidate;
    struct unreachable u;
    struct components k; /* of u */
    struct retained r;
};

/* Also checks the certificate: 0, or -1 with e filled where it does not hold,
   which is a fault of ours. */
int object_graph_make(struct object_graph *o, struct arena *a,
                      const struct shadow *s, struct err *e);

/* The link behind entry i of g.to. */
const struct link *object_graph_link(const struct object_graph *o, uint32_t i);

/* Is never a finding: immortal, kept on purpose, or from before a fork. */
bool object_is_excused(const struct shadow *s, uint32_t object);

#endif
