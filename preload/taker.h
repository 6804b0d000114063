/* SPDX-License-Identifier: MIT */
/*
 * taker.h - the thread that takes a snapshot: where its roots begin
 *
 * With the frame that called exit, or us: what frames outside it hold is alive,
 * and what stands further in is the guest's, libc's, or left over. Where that
 * frame or its registers cannot be told, with the taker's own.
 */
#ifndef PRELOAD_TAKER_H
#define PRELOAD_TAKER_H

#include "stack.h"

#include <stdint.h>

enum { TAKER_REGISTERS = 16 };

struct taker {
    uintptr_t sp, sure, tp; /* as in ouro_trace.h, THREAD */
    uint32_t n_registers;
    uintptr_t registers[TAKER_REGISTERS];
};

/* Once, before main: it asks dlsym where exit is. */
void taker_start(void);

/* `here`: the host's state where it called us; NULL: in exit(), of which we are
   a handler. `s` is all zero, and scratch. */
void taker_find(struct taker *k, struct stack *s,
                const struct stack_here *here);

#endif
