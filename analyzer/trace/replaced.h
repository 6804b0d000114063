/* SPDX-License-Identifier: MIT */
/*
 * replaced.h - what folded chunks replace is not read
 *
 * While the chunks of a file are looked for, what a folded chunk says it
 * replaces is noted; when all are found, those that lie there are left out, and
 * the folded one comes first: see FOLDING in ouro_trace.h.
 */
#ifndef ANALYZER_TRACE_REPLACED_H
#define ANALYZER_TRACE_REPLACED_H

#include "trace/trace.h"

/* All zero: none yet. */
struct replaced {
    uint32_t n, room;
    struct ouro_replaced *at;
};

/* What the sealed folded chunk with this head, at `offset`, says. False: it
   does not hold that; its bytes cannot be read. */
bool replaced_note(struct replaced *r, const struct trace *t,
                   const struct ouro_chunk *head, uint64_t offset);

/* Leaves them out and puts those that are left in order. Releases r. */
void replaced_leave_out(struct replaced *r, struct trace *t);

#endif
