/* SPDX-License-Identifier: MIT */
/*
 * usage.h - what each call stack allocated, and what of it is still in use
 *
 * One walk over the events by the rules of the replay, so that its sums are
 * the totals of the report: what is in use at the end belongs to the stack that
 * made it or moved it last, a realloc is one more allocation, what was
 * inherited from before a fork is nobody's, and the elements of a pool are in
 * the block that holds them. Memory follows the stacks, not the events.
 *
 * Invariants (usage_is_valid checks them):
 *   rows are in the order of their stacks, each with an allocation at least;
 *   total[] is the sum of the rows, and what is in use was allocated.
 */
#ifndef ANALYZER_SHADOW_USAGE_H
#define ANALYZER_SHADOW_USAGE_H

#include "shadow/shadow.h"

enum usage_value {
    INUSE_SPACE, /* bytes of the blocks that are in use */
    INUSE_OBJECTS,
    ALLOC_SPACE, /* bytes of all that were ever allocated */
    ALLOC_OBJECTS,
    N_USAGE_VALUES
};

/* "inuse_space", ... as pprof calls them. */
extern const char *const usage_names[N_USAGE_VALUES];

struct usage_row {
    uint32_t stack; /* 0: the events carried none */
    uint64_t value[N_USAGE_VALUES];
};

struct usage {
    uint32_t n;
    struct usage_row *rows;
    uint64_t total[N_USAGE_VALUES];
};

/* Somebody who looks on while it is made; rows are in any order then. */
struct usage_watch {
    void *to;
    /* The next change is at this stamp. Stamps never go down. */
    void (*before)(void *to, uint64_t stamp, const struct usage *now);
    /* An allocation was counted. */
    void (*after)(void *to, uint64_t stamp, const struct usage *now);
};

/* Of a trace whose shadow was built with these options. `watch` may be NULL. 0,
   or -1 with e filled. */
int usage_find(struct usage *u, const struct shadow *s, struct trace *t,
               struct trace *parent, const struct gc_options *o,
               const struct usage_watch *watch, struct err *e);
void usage_release(struct usage *u);

bool usage_is_valid(const struct usage *u);

#endif
