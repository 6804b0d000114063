/* SPDX-License-Identifier: MIT */
/*
 * run.h - a whole trace through a replay: what both passes share
 */
#ifndef ANALYZER_SHADOW_RUN_H
#define ANALYZER_SHADOW_RUN_H

#include "shadow/replay.h"

/* Initializes r and replays t to its end; with `parent`, behind the parent's
   events up to the fork. 0, or -1 with e filled; r is to be released anyway. */
int run_trace(struct replay *r, struct trace *t, struct trace *parent,
              const struct listener *listener, const struct gc_options *o,
              struct err *e);

#endif
