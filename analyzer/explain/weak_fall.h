/* SPDX-License-Identifier: MIT */
/*
 * weak_fall.h - what would be freed if some fields were weak
 *
 * The references through those fields are taken out of everything that a
 * finding holds, inside its cycles and beyond, as they would be in the program;
 * then counts fall, and what reaches zero is gone. A ring that is held keeps
 * itself, unless one of the fields opens it too.
 *
 * A field is an owner's type and a name, without the numbers in its brackets;
 * without a name it is an offset, or any place in a block that the owner owns.
 */
#ifndef ANALYZER_EXPLAIN_WEAK_FALL_H
#define ANALYZER_EXPLAIN_WEAK_FALL_H

#include "explain/finding.h"
#include "explain/weight.h"

struct inquiry;

struct weak_field {
    uint32_t type;  /* string */
    uint64_t field; /* hash */
};

enum { WEAK_MOST = 16 };

struct weak_set {
    uint32_t n;
    struct weak_field at[WEAK_MOST];
};

/* One for all findings; all zero is one that was not used yet. */
struct weak_fall {
    uint64_t *field_hash;          /* by string; 0: not asked yet */
    uint32_t *turn, *left, *queue; /* by object, as of which turn, its counts */
    uint32_t *ring_turn, *ring_at; /* by component */
    uint32_t n_turns, n_ring_turns;
};

struct weak_result {
    uint64_t
        edges[WEAK_MOST]; /* by field: taken out of the cycles themselves */
    uint64_t members;     /* of the cycles, that are freed */
    uint64_t cost;        /* steps that it took to find out */
    struct held freed;
};

struct weak_field weak_field_of(struct inquiry *q, const struct link *k);
/* Its place in the set; w->n: it is not in it. */
uint32_t weak_set_find(const struct weak_set *w, struct weak_field k);

struct weak_result weak_fall(struct inquiry *q, uint32_t holder,
                             const struct weak_set *w);

/* Of the last fall: did the object go, and which rings stayed, by id. */
bool weak_is_freed(const struct inquiry *q, uint32_t object);
struct finding_ring *weak_stays(struct inquiry *q, uint32_t holder,
                                uint32_t *n);

#endif
