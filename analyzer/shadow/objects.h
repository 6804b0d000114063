/* SPDX-License-Identifier: MIT */
/*
 * objects.h - the objects that are alive while a trace is replayed
 *
 * An object lives at an address; if a block holds that address, it lives in the
 * innermost such block, moves with it and ends with it. The last DEAD_KEPT ones
 * that died are remembered for as long as nothing else begins at their address.
 */
#ifndef ANALYZER_SHADOW_OBJECTS_H
#define ANALYZER_SHADOW_OBJECTS_H

#include "shadow/addrmap.h"

enum { DEAD_KEPT = 1 << 16 };

struct live_object {
    struct place place;
    int64_t rc;
    uint64_t birth, stamp, bytes;
    int64_t acquired;
    uint32_t type, label, stack;
    uint32_t given_up; /* stack of the last event that lowered rc */
    uint32_t flags;    /* enum object_flags */
    uint32_t block;    /* or OURO_NONE */
    uint32_t holder;
    uint32_t into;    /* the first reference to it */
    uint32_t owned;   /* extra of the first block it owns */
    uint32_t written; /* and of the first of those that have a holder */
    struct chain in_block;
    uint64_t found_at;  /* generation GC_FOUND: when */
    int64_t refs;       /* of a collection: counts that it does not explain */
    uint32_t peer;      /* where in the list of its generation */
    uint8_t generation; /* gc.h */
    uint8_t was_in;     /* GC_FOUND: in which generation it was */
    bool reached;       /* by the flood of a collection */
    bool short_once;    /* of counts, for a collection: lasting.h */
    bool short_long;    /* and for another one */
    bool counted;       /* had a count above zero once */
    bool fell;          /* its count was below zero once */
    bool away;          /* its block is: it has no address */
    bool watched;       /* the listener wants to hear of it */
};

struct dead_object {
    uint64_t addr, stamp;
    uint32_t type, label, stack;
    uint32_t death_stack; /* as in struct misuse_event */
};

struct objects {
    struct slots slots;
    struct addrmap map;
    struct dead_object *dead; /* a ring of DEAD_KEPT */
    uint32_t n_dead, dead_room;
    uint32_t next_dead;
    /* Of those in no block: no such object began or ended outside of these,
       and none was longer. */
    uint64_t loose_lowest, loose_end, loose_longest;
};

void objects_init(struct objects *o);
void objects_release(struct objects *o);

static inline struct live_object *objects_get(const struct objects *o,
                                              uint32_t i)
{
    return slots_at(&o->slots, i);
}

/* The object that begins at addr, or OURO_NONE. */
uint32_t objects_at(const struct objects *o, uint64_t addr);
/* The object with the greatest start that holds addr among those with a size
   of their own that live in `block` (OURO_NONE: in none), or OURO_NONE. Looks
   at a limited number of neighbours. */
uint32_t objects_around(const struct objects *o, uint64_t addr, uint32_t block);
void objects_note_loose(struct objects *o, uint32_t i);

/* Takes it from its address, which then remembers it as dead; and drops it. The
   stack: of the event that ended it, or 0. */
void objects_bury(struct objects *o, uint32_t i, uint64_t stamp,
                  uint32_t stack);
/* The object that died at addr, if it is still remembered; else NULL. */
const struct dead_object *objects_dead_at(const struct objects *o,
                                          uint64_t addr);

#endif
