/* SPDX-License-Identifier: MIT */
/*
 * pack_trace.h - one trace into a packed recording
 *
 * Its chunks of events go through the model in the order of their first
 * stamps; what the model does not take (damage, a record that was cut, another
 * kind of chunk) goes in as it is. What was read of a trace that is growing is
 * what it held when it was opened.
 */
#ifndef ANALYZER_PACKING_PACK_TRACE_H
#define ANALYZER_PACKING_PACK_TRACE_H

#include "packing/container.h"
#include "packing/pace.h"
#include "trace/trace.h"

/* What unpacking must give. */
struct pack_sum {
    uint64_t offset, len, sum; /* of a chunk's records in the trace */
};

struct pack_sums {
    uint32_t n, room;
    struct pack_sum *at;
};

/* Puts t in as `name`; `pace` has what the recording asks of it (tick,
   moments). 0, or -1 with e filled. */
int pack_trace(struct container *to, struct trace *t, const char *name,
               struct pace *pace, struct pack_sums *sums, struct err *e);

#endif
