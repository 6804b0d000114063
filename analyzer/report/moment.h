/* SPDX-License-Identifier: MIT */
/*
 * moment.h - a moment of the run, as a person names it
 */
#ifndef ANALYZER_REPORT_MOMENT_H
#define ANALYZER_REPORT_MOMENT_H

#include "trace/trace.h"

enum moment { MOMENT_FOUND, MOMENT_UNKNOWN, MOMENT_DAMAGED };

/*
 * `when` is the name of a checkpoint (OURO_CHECKPOINT, OURO_SNAPSHOT: the first
 * of that name, or with #N behind it the Nth), or, where there is none, a time
 * in seconds since recording began. *stamp: of the last event up to it.
 * MOMENT_DAMAGED: e says why.
 */
enum moment moment_find(struct trace *t, const char *when, uint64_t *stamp,
                        struct err *e);

#endif
