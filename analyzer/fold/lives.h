/* SPDX-License-Identifier: MIT */
/*
 * lives.h - which events of a trace are of blocks whose story is over
 *
 * Fed with all events of a walk, in order; then says of each, by its number in
 * that order, whether it can be left out, and gives the sums of those that are:
 * for each segment, which is what lies between two moments (FOLDING in
 * ouro_trace.h).
 *
 * A life is an allocation, reallocs, and a free. It is left out if it is whole
 * and plain: all of it in one segment and in chunks that are folded, over by
 * `until`, nothing impossible about it at its turn, and no protocol event spoke
 * of an address in its block. The last life at an address is kept at first: a
 * second free of it can then be told from one of memory that was never seen.
 *
 * Memory: a bit an event, and what one entry an address takes.
 */
#ifndef ANALYZER_FOLD_LIVES_H
#define ANALYZER_FOLD_LIVES_H

#include "fold/spoken.h"
#include "shadow/table.h"
#include "trace/event.h"

#include <stdbool.h>
#include <stddef.h>

/* What was left out of one segment. */
struct lives_sums {
    uint64_t events, allocations, frees, bytes;
    uint64_t peak; /* bytes in use, of all blocks */
};

/* And of it, what one stack allocated. */
struct lives_site {
    uint32_t segment, stack;
    uint64_t allocations, bytes;
};

struct lives_place;  /* an address, and who lives there */
struct lives_leaf;   /* the places of a page */
struct lives_thread; /* the realloc that it is in */
struct lives_step;   /* one event of a life, after its first */

struct lives {
    uint64_t until;    /* stamp */
    uint64_t patience; /* as the replay's */
    bool waits;        /* there are several threads */

    uint32_t n_events;
    uint32_t n_folding; /* those in chunks that are folded */
    uint32_t n_left_out;
    unsigned char *left_out; /* a bit an event */
    size_t room_left_out;

    struct table leaf_of; /* address / 4096 -> index + 1 */
    struct lives_leaf *leaves;
    uint32_t n_leaves, room_leaves;
    uint64_t last_page; /* and its leaf, once there is one */
    uint32_t last_leaf;
    struct table place_of; /* of odd addresses: index + 1 */
    struct lives_place *places;
    uint32_t n_places, room_places;
    struct table thread_of;
    struct lives_thread *threads;
    uint32_t n_threads, room_threads;
    uint32_t *thread_numbers; /* of those that had events */
    uint32_t n_thread_numbers, room_thread_numbers;
    struct lives_step *steps;
    uint32_t n_steps, room_steps, free_step;
    struct spoken spoken;

    uint64_t live_bytes;
    uint32_t n_segments, room_segments;
    struct lives_sums *segments;
    struct table site_of; /* segment, stack -> index + 1 */
    struct lives_site *sites;
    uint32_t n_sites, room_sites;
};

/* Of a trace in which `waits` says whether several threads are known yet. */
void lives_begin(struct lives *l, uint64_t until, uint64_t patience,
                 bool waits);
void lives_release(struct lives *l);

/* The next event; is its chunk one of those that are folded? */
void lives_event(struct lives *l, const struct event *e, bool folds);

/* A moment that no event tells: before the next event. */
void lives_moment(struct lives *l);

/* After the last event: also the last lives at their addresses are left out. */
void lives_forget_ended(struct lives *l);

/* Does a segment end behind this event? */
bool lives_is_moment(const struct event *e);

static inline bool lives_leaves_out(const struct lives *l, uint32_t event)
{
    return l->left_out[event / 8] >> event % 8 & 1;
}

#endif
