/* SPDX-License-Identifier: MIT */
/*
 * cascade.h - what would be freed with a source of the unreachable set
 *
 * Begins with the objects that the source retains among the candidates, and
 * adds every other object as soon as all its counts come from the set: leaves,
 * and what the collector does not judge. Each brings its blocks.
 *
 * An object joins one source at most, so that all of them together cost O(n+m).
 */
#ifndef ANALYZER_EXPLAIN_CASCADE_H
#define ANALYZER_EXPLAIN_CASCADE_H

#include "explain/object_graph.h"
#include "explain/weight.h"

struct held {
    uint64_t objects, blocks, bytes;
};

struct cascade {
    const struct object_graph *o;
    const struct weights *w;
    uint32_t *first; /* by component: the candidates that it retains are */
    uint32_t *list;  /* list[first[c]] up to list[first[c + 1] - 1] */
    /* of objects that are no candidates: */
    uint32_t *turn;      /* the last cascade that met it, counting from 1 */
    uint64_t *remaining; /* its counts that did not come from that cascade */
    uint32_t *queue;
    uint32_t n_turns;
};

void cascade_init(struct cascade *c, struct arena *a,
                  const struct object_graph *o, const struct weights *w);

/* What source component k holds. */
struct held cascade_source(struct cascade *c, uint32_t k);

/* What an object holds that is no candidate. */
struct held cascade_object(struct cascade *c, uint32_t object);

#endif
