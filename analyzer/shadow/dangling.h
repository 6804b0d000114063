/* SPDX-License-Identifier: MIT */
/*
 * dangling.h - references whose target died while they were held
 *
 * A destructor that frees what its object holds, and then ends the object
 * itself, leaves such references for a moment; one that is still there at the
 * end of the events, its owner alive, was given back once too often. Kept here
 * from the target's death until the owner gives the reference up (UNLINK,
 * UNLINK_ALL), links the same field anew, or ends.
 *
 * At most DANGLING_KEPT at one time: more are only counted, in
 * shadow_totals.dangling_links like all of them.
 */
#ifndef ANALYZER_SHADOW_DANGLING_H
#define ANALYZER_SHADOW_DANGLING_H

#include "shadow/slots.h"
#include "shadow/table.h"

enum { DANGLING_KEPT = 1 << 16 };

struct live_link;
struct live_object;
struct replay;
struct whose;

struct dangling {
    uint32_t state;    /* slots.h */
    uint32_t holder;   /* links.h */
    uint64_t key;      /* hash of who, name and target */
    uint32_t older;    /* with the same key, + 1 */
    struct chain held; /* by the holder */
    uint32_t field, link_stack, death_stack;
    uint32_t type, label, birth_stack; /* of the target */
    bool freed;
    int64_t index, rc; /* rc: when it died */
    uint64_t offset, link_stamp, addr, death_stamp;
};

struct danglings {
    struct slots slots;
    struct table newest; /* key -> number + 1 */
    uint64_t seed;
};

void danglings_init(struct danglings *d);
void danglings_release(struct danglings *d);

/* The target dies now, and the link is about to be removed. */
void dangling_note(struct replay *r, const struct live_link *link,
                   const struct live_object *target);

/* The newest with that owner, name and target is given up after all; false:
   there is none. */
bool dangling_give_up(struct replay *r, const struct whose *w, uint32_t holder,
                      uint32_t field, uint64_t offset, uint64_t target);

/* The field holds something else now: looks at a limited number. */
void dangling_replace(struct replay *r, uint32_t holder, uint32_t field,
                      uint64_t offset);

/* The holder gives up all, or is no more. */
void dangling_forget(struct replay *r, uint32_t holder);
void dangling_forget_all(struct replay *r);

/* Those whose owner lives, for the result. After the objects have numbers:
   number[i] of live object i. */
void dangling_settle(const struct replay *r, struct shadow *s,
                     const uint32_t *number);

#endif
