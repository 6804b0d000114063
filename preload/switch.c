/* SPDX-License-Identifier: MIT */
#include "switch.h"

#include <stddef.h>

_Static_assert(offsetof(struct switch_registers, at) == 0, "used below");

/*
 * Written as a function of its own so that it can say where it keeps the old
 * stack pointer: in the frame pointer, which f keeps. A debugger or an
 * exception finds its way.
 */
#if defined(__x86_64__)
__asm__(".text\n"
        ".hidden switch_to\n"
        ".globl switch_to\n"
        ".type switch_to, @function\n"
        "switch_to:\n"
        ".cfi_startproc\n"
        "endbr64\n"
        "push %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset %rbp, -16\n"
        "mov %rbx, 3*8(%rdx)\n"
        "mov %rbp, 6*8(%rdx)\n"
        "mov %r12, 12*8(%rdx)\n"
        "mov %r13, 13*8(%rdx)\n"
        "mov %r14, 14*8(%rdx)\n"
        "mov %r15, 15*8(%rdx)\n"
        "lea 16(%rsp), %rax\n"
        "mov %rax, 7*8(%rdx)\n"
        "mov 8(%rsp), %rax\n"
        "mov %rax, 16*8(%rdx)\n"
        "mov %rsp, %rbp\n"
        ".cfi_def_cfa_register %rbp\n"
        "mov %rdi, %rsp\n"
        "mov %rdx, %rdi\n"
        "call *%rsi\n"
        "leave\n"
        ".cfi_def_cfa %rsp, 8\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size switch_to, . - switch_to\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".hidden switch_to\n"
        ".globl switch_to\n"
        ".type switch_to, %function\n"
        "switch_to:\n"
        ".cfi_startproc\n"
        "hint #34\n" /* bti c */
        "stp x19, x20, [x2, 19*8]\n"
        "stp x21, x22, [x2, 21*8]\n"
        "stp x23, x24, [x2, 23*8]\n"
        "stp x25, x26, [x2, 25*8]\n"
        "stp x27, x28, [x2, 27*8]\n"
        "str x29, [x2, 29*8]\n"
        "mov x3, sp\n"
        "stp x3, x30, [x2, 31*8]\n"
        "stp x29, x30, [sp, -16]!\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset x29, -16\n"
        ".cfi_offset x30, -8\n"
        "mov x29, sp\n"
        ".cfi_def_cfa_register x29\n"
        "mov sp, x0\n"
        "mov x0, x2\n"
        "blr x1\n"
        "mov sp, x29\n"
        "ldp x29, x30, [sp], 16\n"
        ".cfi_def_cfa sp, 0\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size switch_to, . - switch_to\n");
#endif
