/* SPDX-License-Identifier: MIT */
/*
 * generations.h - which generation each object is in, and when it is collected
 *
 * CPython's schedule (Modules/gcmodule.c, 3.8 to 3.13), replayed: containers
 * begin in generation 0; a creation that takes count[0] above threshold[0]
 * collects the oldest generation whose count is above its threshold, together
 * with all younger ones; what survives goes to the next generation. A full
 * collection also waits until a quarter of what survived the last one has come
 * to the oldest generation since.
 *
 * A collection subtracts, for its candidates, the references that they hold on
 * each other from their counts, and finds unreachable what no count from
 * elsewhere reaches (collect.h has the same for a graph at rest). Nothing is
 * freed: this is a replay. What was found leaves its generation; if the program
 * frees it later, it was *reclaimed*; if the program takes a reference to it or
 * gives it one first, it was *revived*, and goes back to generation 0 with all
 * that it holds.
 *
 * Invariants (generations_are_valid checks them):
 *   at[g] holds each live, tracked container of generation g once, and `place`
 *   is where; leaves, untracked and found objects are in no generation;
 *   reached and refs mean something during a collection only.
 */
#ifndef ANALYZER_SHADOW_GENERATIONS_H
#define ANALYZER_SHADOW_GENERATIONS_H

#include "shadow/gc.h"
#include "shadow/table.h"

#include <stdbool.h>
#include <stdint.h>

struct event;
struct replay;

struct generation_list {
    uint32_t *at; /* objects */
    uint32_t n, room;
};

struct generations {
    struct gc gc;
    struct generation_list list[GC_PERMANENT + 1];
    uint64_t pending, total; /* as CPython's long_lived_pending, _total */
    bool none;               /* nobody asks */
    bool fixed;              /* the thresholds are the reader's, to the end */
    uint32_t revived_room;
    struct table revival_of; /* type and stack -> index in revivals, + 1 */
    uint32_t *stack;         /* of a flood */
    uint32_t n_stack, stack_room;
};

void generations_init(struct generations *g, const struct gc_options *o);
void generations_release(struct generations *g);
bool generations_are_valid(const struct replay *r);

/* A container is about to be created: counts it, and collects if that is one
   too many. The new object is not yet in a generation. */
void generations_count(struct replay *r);
/* It is there now; or tracked again. */
void generations_enter(struct replay *r, uint32_t object);
/* It dies. */
void generations_leave(struct replay *r, uint32_t object);
void generations_track(struct replay *r, uint32_t object);
void generations_untrack(struct replay *r, uint32_t object);

/* The program took a reference to the object, or gave it one. */
void generations_touch(struct replay *r, uint32_t object);

void generations_collect(struct replay *r, int generation, enum gc_why why);

/* OURO_COLLECT, OURO_GC_*: what Python's gc module offers. */
void generations_obey(struct replay *r, const struct event *e);

/* The process forked: membership and counts go on, figures start anew. */
void generations_fork(struct replay *r);

#endif
