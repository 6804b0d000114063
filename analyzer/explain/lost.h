/* SPDX-License-Identifier: MIT */
/*
 * lost.h - what of memory is lost, as one graph: its sources, and what each of
 * them retains
 *
 * A part is all blocks of one degree: lost (reach DEFINITE: no word leads
 * there) or perhaps (POSSIBLE: only words that may be none). In it, a source is
 * a strongly connected component that nothing else of the part points at. Each
 * source is one finding; all that it holds is *retained* by it, and what
 * several hold together, by none of them alone. Pages that no root leads to
 * hold nothing: the stack of a thread that has ended is full of old pointers.
 *
 * The blocks of a component are in the order in which they came. The first that
 * is a leak (no object lives in it, none owns it, it still lives) stands for
 * it. A source that has none is an object's, and told there.
 */
#ifndef ANALYZER_EXPLAIN_LOST_H
#define ANALYZER_EXPLAIN_LOST_H

#include "collect/collect.h"
#include "explain/weight.h"
#include "shadow/memory.h"

struct lost_part {
    struct components k;   /* of the nodes of memory.g */
    struct retained r;     /* by component; nodes */
    struct held *retained; /* by component: sources', themselves included */
    uint32_t *first_block; /* by component: the shadow's block that stands for
                              it, or OURO_NONE */
    unsigned char *mixed;  /* by component: it has a block that is no leak */
};

struct lost {
    const struct memory *m;
    struct lost_part definite, possible;
};

/* `is_leak`, by block of the shadow: it may be found as one. */
struct lost lost_find(struct arena *a, const struct memory *m,
                      const struct shadow *s, const unsigned char *is_leak);

/* The part and, in *c, its component that the shadow's block is in; NULL: it is
   in none, it is reachable or came later. */
const struct lost_part *lost_part_of(const struct lost *l, uint32_t block,
                                     uint32_t *c);

#endif
