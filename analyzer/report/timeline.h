/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - how much was in use in the course of the run
 *
 * Points are spread evenly over its time; one more stands where most was in
 * use. Some of them, the last and the highest among these, say by which stacks.
 */
#ifndef ANALYZER_REPORT_TIMELINE_H
#define ANALYZER_REPORT_TIMELINE_H

#include "shadow/usage.h"

enum { TIMELINE_EVEN = 99, TIMELINE_POINTS = TIMELINE_EVEN + 1 };

struct timeline_row {
    uint32_t stack;
    uint64_t bytes; /* never 0 */
};

struct timeline_point {
    uint64_t stamp, bytes;
    bool is_peak, is_detailed;
    uint32_t n; /* rows, of those that are detailed */
    struct timeline_row *rows;
};

struct timeline {
    uint64_t first, last; /* stamps */
    uint64_t peak_bytes;
    bool peak_seen;
    uint32_t n_even; /* of those points that are there */
    uint32_t n;
    struct timeline_point at[TIMELINE_POINTS];
};

/* Of a run between these stamps, in which so much was in use at most. */
void timeline_init(struct timeline *l, uint64_t first, uint64_t last,
                   uint64_t peak_bytes);
/* Who fills it while the usage is found. */
struct usage_watch timeline_watch(struct timeline *l);
/* The points behind the last change. */
void timeline_finish(struct timeline *l, const struct usage *at_end);
void timeline_release(struct timeline *l);

#endif
