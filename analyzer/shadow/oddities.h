/* SPDX-License-Identifier: MIT */
/*
 * oddities.h - the events that do not fit what was announced, grouped
 *
 * Costs nothing until there is one. A LINK written in a block that is no
 * object's may only be early: the block remembers such strangers, and where an
 * object comes to live in it, or to own it, their groups give them back.
 */
#ifndef ANALYZER_SHADOW_ODDITIES_H
#define ANALYZER_SHADOW_ODDITIES_H

#include "shadow/slots.h"
#include "shadow/table.h"

struct block_extra;
struct event;
struct live_link;
struct replay;

enum { ODDITIES_KEPT = 1000 };

struct oddity_group {
    struct oddity is;
    uint32_t next; /* with the same hash, or the next unused one; + 1 */
};

/* Strangers of one block and one group. */
struct stranger {
    uint32_t state; /* slots.h */
    uint32_t group; /* OURO_NONE: only counted */
    uint32_t next;  /* of the same block, or OURO_NONE */
    uint64_t n;
};

struct oddities {
    uint32_t n, room, unused; /* unused: the first + 1 */
    struct oddity_group *at;
    struct table of_key; /* hash of a key -> number of the first group + 1 */
    uint64_t seed;
    struct slots strangers;
};

void oddities_init(struct oddities *o);
void oddities_release(struct oddities *o);
/* Into s, in their order. */
void oddities_settle(struct oddities *o, struct shadow *s);

/* The event is about what is not known. */
void oddity_unknown(struct replay *r, const struct event *e);
/* UNLINK, UNROOT of what the object was not linked by. */
void oddity_unmatched(struct replay *r, const struct event *e, uint32_t object);
/* NEW, MOVE to where that object lives still. */
void oddity_renewed(struct replay *r, uint32_t object);
/* The link's target dies before it. */
void oddity_dangling(struct replay *r, const struct live_link *link);

/* A LINK is written in a block that is no object's; the block comes to be one's
   after all; the block is no more. */
void oddity_stranger(struct replay *r, const struct event *e, uint32_t block);
void oddity_take_back(struct replay *r, struct block_extra *x);
void oddity_forget(struct replay *r, struct block_extra *x);

#endif
