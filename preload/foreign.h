/* SPDX-License-Identifier: MIT */
/*
 * foreign.h - libunwind, at arm's length
 *
 * For stacks that no simple rule describes. It is the library that unwinds
 * other processes, used on our own: every word it wants it must ask us for. So
 * it opens no descriptor to find out what can be read, asks the loader nothing,
 * keeps no cache that could go stale, and a lie in call frame information
 * cannot make it fault. It runs on a stack of ours, with signals blocked: the
 * host's stack may be too small, and no handler meets its locks.
 */
#ifndef PRELOAD_FOREIGN_H
#define PRELOAD_FOREIGN_H

#include "stack.h"

#include <stdbool.h>
#include <stdint.h>

/* Loads and warms it; may allocate. */
void foreign_start(void);
bool foreign_is_ready(void);

/* In a forked child: it is used no more if another thread was inside it. */
void foreign_forked(void);

/* This thread is loading it. */
bool foreign_is_loading(void);

/* Walks from our caller's frame out to the one that is at here, and puts that
   and what is outside it into s->fresh, innermost first, flags STACK_FOREIGN.
   How many; *more: how many did not fit. 0: it cannot be used. */
uint32_t foreign_walk(struct stack *s, struct stack_here here, uint64_t *more);

#endif
