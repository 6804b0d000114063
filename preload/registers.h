/* SPDX-License-Identifier: MIT */
/*
 * registers.h - what a thread's registers held, further out on its stack
 *
 * Code of ours runs deep in the host's: what a register held where the host
 * called us may have been saved on the stack since, by any frame between. Call
 * frame information says where. Only registers that calls keep can be found;
 * the host expects nothing in the others. Slow, and done at rest.
 */
#ifndef PRELOAD_REGISTERS_H
#define PRELOAD_REGISTERS_H

#include "switch.h"

#include <stdbool.h>
#include <stdint.h>

enum {
#if defined(__x86_64__)
    REGISTERS_KEPT = 6, /* rbx, rbp, r12 to r15 */
#elif defined(__aarch64__)
    REGISTERS_KEPT = 11, /* x19 to x29 */
#endif
};

struct registers {
    struct switch_registers now; /* kept registers, stack pointer, address */
    bool is_return; /* the address is behind a call, not where it goes on */
};

/* Those of the function that this stands in. */
static inline __attribute__((always_inline)) void registers_here(
    struct registers *r)
{
    uintptr_t *to = r->now.at;
    r->is_return = false;
#if defined(__x86_64__)
    __asm__ volatile("mov %%rbx, 3*8(%0)\n\t"
                     "mov %%rbp, 6*8(%0)\n\t"
                     "mov %%rsp, 7*8(%0)\n\t"
                     "mov %%r12, 12*8(%0)\n\t"
                     "mov %%r13, 13*8(%0)\n\t"
                     "mov %%r14, 14*8(%0)\n\t"
                     "mov %%r15, 15*8(%0)\n\t"
                     "lea 0(%%rip), %%rax\n\t"
                     "mov %%rax, 16*8(%0)"
                     :
                     : "c"(to)
                     : "rax", "memory");
#elif defined(__aarch64__)
    register uintptr_t *x9 __asm__("x9") = to;
    __asm__ volatile("stp x19, x20, [x9, 19*8]\n\t"
                     "stp x21, x22, [x9, 21*8]\n\t"
                     "stp x23, x24, [x9, 23*8]\n\t"
                     "stp x25, x26, [x9, 25*8]\n\t"
                     "stp x27, x28, [x9, 27*8]\n\t"
                     "str x29, [x9, 29*8]\n\t"
                     "mov x10, sp\n\t"
                     "adr x11, .\n\t"
                     "stp x10, x11, [x9, 31*8]"
                     :
                     : "r"(x9)
                     : "x10", "x11", "memory");
#endif
}

/* Those of the caller of the function that r is in; false: nothing says. */
bool registers_leave(struct registers *r);

/* Those of whoever called into our library; false: nothing says, and r is
   somewhere on the way. */
bool registers_leave_us(struct registers *r);

/* The kept ones alone. */
void registers_list(const struct registers *r, uintptr_t to[REGISTERS_KEPT]);

#endif
