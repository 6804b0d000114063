/* SPDX-License-Identifier: MIT */
/*
 * taker.h - the thread that takes a snapshot: where its roots begin
 *
 * With the frame that called exit, or us: what frames outside it hold is alive,
 * and what stands further in is the guest's, libc's, or left over. Where that
 * frame cannot be told, with the taker's own.
 */
#ifndef PRELOAD_TAKER_H
#define PRELOAD_TAKER_H

#include "standstill.h"

#include <stdbool.h>

/* Once, before main: it asks dlsym where exit is. */
void taker_start(void);

/* The calling thread, as OURO_SNAP_TAKER. in_exit: the handler of exit() that
   we are has called, and who called exit() is meant. */
void taker_find(struct standstill_thread *k, bool in_exit);

#endif
