/* SPDX-License-Identifier: MIT */
/*
 * pace.h - how exactly packing tells time
 *
 * An allocation or a free may be told up to a tick too early, as long as nobody
 * can tell: the order of all events stays, and so does what waits for what
 * (ouro_trace.h, ORDER). So a stamp stays exact
 *
 *   - in a chunk that another one overlaps in time,
 *   - of everything but allocations and frees,
 *   - of what is impossible at its turn, and up to the first event that is
 *     further behind either of these two than an event may wait,
 *   - of the first event behind a moment that stamps are compared with: a
 *     snapshot, or a fork.
 *
 * A stamp that is told is never above the true one, and never below the last
 * one that was told.
 */
#ifndef ANALYZER_PACKING_PACE_H
#define ANALYZER_PACKING_PACE_H

#include "pack/addresses.h"
#include "pack/record.h"

struct pace {
    uint64_t tick; /* 0: all stamps are exact */
    uint64_t patience;
    uint64_t until; /* exact up to the first event behind this */
    uint32_t n, room;
    uint64_t *moments; /* ascending, once they are all there */
    /* Of the open chunk: */
    bool exact;
    uint64_t told;
    uint32_t next; /* moment, not before `told` */
};

void pace_add(struct pace *p, uint64_t moment);
void pace_ready(struct pace *p);
void pace_begin(struct pace *p, uint64_t first_stamp, bool exact);
/* Makes r->stamp what is told. */
void pace_set(struct pace *p, const struct addresses *known, struct record *r);
void pace_release(struct pace *p);

#endif
