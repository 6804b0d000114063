/* SPDX-License-Identifier: MIT */
/*
 * profile.h - the usage of memory by call stack (usage.h), with names
 *
 * A small file can hold very many stacks that are very deep. Where those of a
 * profile have more than PROFILE_FRAMES in all, only the innermost of each are
 * told.
 */
#ifndef ANALYZER_EXPLAIN_PROFILE_H
#define ANALYZER_EXPLAIN_PROFILE_H

#include "explain/symbols.h"
#include "shadow/usage.h"

enum { PROFILE_FRAMES = 1 << 24, PROFILE_INNERMOST = 32 };

struct profile {
    const struct trace *trace;
    struct usage usage;
    struct symbols symbols; /* of all its stacks */
    uint32_t innermost;     /* so many frames of a stack are told at most */
};

/* The frames of one stack that are told. */
struct profile_stack {
    uint32_t n, room;
    uint32_t *frame; /* innermost first */
    bool cut;        /* there are more behind them */
};

/* Names the frames of p->usage, which is of t; what they are is kept in `a`.
   `progress` may be NULL. */
void profile_name(struct profile *p, struct symbolizer *z, struct arena *a,
                  const struct trace *t,
                  void (*progress)(uint64_t done, uint64_t total));

/* The guest's frames are not among them. */
void profile_stack_find(struct profile_stack *s, const struct profile *p,
                        uint32_t stack);
void profile_stack_release(struct profile_stack *s);

/* The places of one of the trace's frames, most inlined first; n is 0 for the
   guest's own, which are not shown. */
struct places profile_places(const struct profile *p, uint32_t frame);

#endif
