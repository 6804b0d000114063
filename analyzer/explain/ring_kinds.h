/* SPDX-License-Identifier: MIT */
/*
 * ring_kinds.h - every ring of the unreachable set, and the id that goes with
 * it
 *
 * A ring that nothing unreachable points at is a finding. One that another
 * holds is none, but has the id that it would have as one: when the outer ring
 * is mended it is called by the name that was told before.
 *
 * Rings are of one kind if their edges look the same before any stack has a
 * name: (type, stack) -field-> (type, stack). Ten thousand rings that one loop
 * left behind are one kind, and only one of them is ever named.
 */
#ifndef ANALYZER_EXPLAIN_RING_KINDS_H
#define ANALYZER_EXPLAIN_RING_KINDS_H

#include "explain/object_graph.h"

struct inquiry;

struct ring {
    uint64_t key, birth; /* of its kind; of the eldest member */
    uint32_t size, component;
    bool source;
};

struct ring_kind {
    uint32_t component; /* the smallest: a source, where one is */
    uint32_t group;     /* in q->cycles, or OURO_NONE: none is a source */
    char id[17];
};

struct ring_kinds {
    uint32_t n, room;
    struct ring_kind *kind;
    uint32_t *kind_of; /* by component; OURO_NONE: no ring */
};

/* All rings by kind, within one the sources first, then the smallest. The
   caller frees them. */
struct ring *rings_find(struct inquiry *q, uint32_t *n);

/* Which stacks must have names before they can have ids; then, the ids. */
void rings_ask(struct inquiry *q);
void rings_identify(struct inquiry *q);
/* The same for one ring, whatever its kind. */
void rings_ask_one(struct inquiry *q, uint32_t component);
void rings_identify_one(struct inquiry *q, uint32_t component, char id[17]);

/* Every link inside the component, by owner, then as the shadow orders them. */
void rings_each_edge(const struct inquiry *q, uint32_t component,
                     void (*visit)(void *to, const struct link *k), void *to);

#endif
