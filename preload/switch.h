/* SPDX-License-Identifier: MIT */
/*
 * switch.h - running a function on another stack
 */
#ifndef PRELOAD_SWITCH_H
#define PRELOAD_SWITCH_H

#include <stdint.h>

enum {
#if defined(__x86_64__)
    SWITCH_SP = 7,
    SWITCH_IP = 16,
#elif defined(__aarch64__)
    SWITCH_SP = 31,
    SWITCH_IP = 32,
#endif
    SWITCH_REGISTERS = 33,
};

/* The registers that a caller keeps, by their DWARF numbers, as they are when
   switch_to() returns; the others are not touched. */
struct switch_registers {
    uintptr_t at[SWITCH_REGISTERS];
};

/* Calls f(registers) with the stack pointer at top, which is a multiple of 16.
   The registers may be the head of something longer. */
void switch_to(void *top, void (*f)(struct switch_registers *),
               struct switch_registers *registers);

#endif
