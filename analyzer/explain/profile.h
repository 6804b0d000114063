/* SPDX-License-Identifier: MIT */
/*
 * profile.h - the usage of memory by call stack (usage.h), with names
 */
#ifndef ANALYZER_EXPLAIN_PROFILE_H
#define ANALYZER_EXPLAIN_PROFILE_H

#include "explain/symbols.h"
#include "shadow/usage.h"

struct profile {
    const struct trace *trace;
    struct usage usage;
    struct symbols symbols; /* of all its stacks */
};

/* Names the frames of p->usage, which is of t; what they are is kept in `a`.
   `progress` may be NULL. */
void profile_name(struct profile *p, struct symbolizer *z, struct arena *a,
                  const struct trace *t,
                  void (*progress)(uint64_t done, uint64_t total));

/* The places of one of the trace's frames, most inlined first; n is 0 for the
   guest's own, which are not shown. */
struct places profile_places(const struct profile *p, uint32_t frame);

#endif
