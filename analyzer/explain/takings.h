/* SPDX-License-Identifier: MIT */
/*
 * takings.h - what became of the counts that carry no name
 *
 * Each count that NEW or INCREF takes waits with its object until it becomes a
 * reference (LINK), is given back (DECREF), or the object's life is over. Which
 * one of several it is that becomes something, nobody says; so, in this order:
 *
 *   LINK    one that was unlinked, if nothing was taken since; an INCREF in the
 *           same call; another that was unlinked; NEW's; the newest INCREF
 *   DECREF  one that was unlinked; one taken in the same call, NEW's first.
 *           Else it waits too, and when all is known it is matched with what
 *           was taken nearest, at last with the newest
 *
 * Two stacks are in one call if they are equal but for their one or two
 * innermost frames; three are still near.
 *
 * Only the newest TAKINGS_SEEN of those that wait are looked at for what is
 * near, and beyond TAKINGS_KEPT an object's stacks are not told apart: 0.
 */
#ifndef ANALYZER_EXPLAIN_TAKINGS_H
#define ANALYZER_EXPLAIN_TAKINGS_H

#include "explain/group.h"
#include "shadow/slots.h"
#include "trace/stacks.h"

enum { TAKINGS_SEEN = 64, TAKINGS_KEPT = 4096 };

enum taken_by {
    TAKEN_BY_NEW,
    TAKEN_BY_INCREF,
    TAKEN_BEFORE, /* given back, and had been a reference, or nobody's */
};

enum fate {
    FATE_LINKED,  /* became a reference */
    FATE_GIVEN,   /* back: by whom, if that is known, is other_stack */
    FATE_DIED,    /* left when the object died */
    FATE_HELD,    /* left at the end */
    FATE_EXCUSED, /* left at the end with what is immortal, or ignored */
    N_FATES
};

/* How a fate stands in the `what` of a group. */
#define TAKINGS_WHAT(taken, fate) ((uint32_t)(taken)*N_FATES + (uint32_t)(fate))

static inline enum taken_by takings_taken(const struct group *g)
{
    return (enum taken_by)(g->what / N_FATES);
}

static inline enum fate takings_fate(const struct group *g)
{
    return (enum fate)(g->what % N_FATES);
}

struct takings {
    const struct stacks *stacks;
    struct slots waiting;
    struct groups fates; /* by type, where it was taken, fate; `instances` is
                            how many counts, at most UINT64_MAX */
};

/* One object's; all zero is none. */
struct takings_of {
    uint32_t first; /* of those that wait, the newest, + 1 */
    uint32_t n;
    uint64_t unlinked; /* that were references: */
    bool moves;        /* one since the last was taken */
};

void takings_init(struct takings *t, const struct stacks *stacks);
void takings_release(struct takings *t);

void takings_take(struct takings *t, struct takings_of *k, enum taken_by by,
                  uint32_t stack, uint64_t n);
void takings_give(struct takings *t, struct takings_of *k, uint32_t type,
                  uint32_t stack, uint64_t n);
void takings_link(struct takings *t, struct takings_of *k, uint32_t type,
                  uint32_t stack);
/* `died`: with its owner, which may have given it back before. */
void takings_unlink(struct takings *t, struct takings_of *k, uint32_t type,
                    bool died);
/* Its life, or the recording, is over, and `left` anonymous counts are left:
   that is their fate. *k is none after that. */
void takings_close(struct takings *t, struct takings_of *k, uint32_t type,
                   enum fate fate, uint64_t left);

#endif
