/* SPDX-License-Identifier: MIT */
/*
 * snapshot.h - what memory holds now, into the trace (ouro_trace.h, SNAPSHOTS)
 *
 * Where the process has one thread, by that; else by a copy of the process,
 * made while the other threads stand still and read while they go on; else,
 * where none can be made, while they stand still. Who asks waits until it is
 * written.
 *
 * All that it needs (3 MiB, mostly untouched) is mapped for it and unmapped. It
 * locks nothing of the host's, and a second one waits for the first.
 */
#ifndef PRELOAD_SNAPSHOT_H
#define PRELOAD_SNAPSHOT_H

#include "ouro_trace.h"

/* Once, before main, after real_find(). */
void snapshot_start(void);

/* `why` is an enum ouro_snap_why; `name` that of OURO_SNAPSHOT, else "".
   Nothing where no snapshots are wanted, nothing is being recorded, or there is
   no room. */
void snapshot_take(int why, const char *name);

/* In a forked child: its file has none yet, and nobody is taking one. */
void snapshot_forked(void);

#endif
