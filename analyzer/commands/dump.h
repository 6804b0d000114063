/* SPDX-License-Identifier: MIT */
/*
 * dump.h - what the parts of `ouro dump` share
 */
#ifndef ANALYZER_COMMANDS_DUMP_H
#define ANALYZER_COMMANDS_DUMP_H

#include "trace/trace.h"

#include <stdio.h>

/* In quotes; what is not printable ASCII as \xNN. */
void dump_text(const char *text, FILE *out);

/* The records of one of the trace's snapshot chunks; each word too, where
   `words` says so. 0, or -1 with e filled. */
int dump_snapshot_records(const struct trace *t, uint32_t chunk, bool words,
                          FILE *out, struct err *e);

#endif
