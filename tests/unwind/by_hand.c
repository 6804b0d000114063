/* SPDX-License-Identifier: MIT */
/*
 * by_hand.c - functions whose callers no simple rule finds, with compiled ones
 * around them
 *
 * The frame address is in rbx or in r13, or is what an address in rbx holds;
 * the caller's frame pointer is in r12; a function has no call frame
 * information at all, and a frame pointer.
 */
#include <stdint.h>
#include <stdlib.h>

#define APART __attribute__((noinline, noclone))

static volatile unsigned sink;

static APART void event(void)
{
    char *volatile p = malloc(sink % 100 + 1);
    free(p);
    sink++;
}

void below(int depth);

#if defined(__x86_64__)

void by_rbx(int depth);
void by_r13(int depth);
void by_memory(int depth);
void by_register(int depth);
void by_nothing(int depth);

#define BY_HAND(name, body)                                                    \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name      \
            ":\n.cfi_startproc\n" body "\n.cfi_endproc\n.size " #name          \
            ", . - " #name "\n");

BY_HAND(by_rbx, "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_offset %rbx, -16\n"
                "mov %rsp, %rbx\n.cfi_def_cfa_register %rbx\n"
                "and $-64, %rsp\nsub $64, %rsp\ncall below\nmov %rbx, %rsp\n"
                "pop %rbx\n.cfi_def_cfa %rsp, 8\nret")
BY_HAND(by_r13, "push %r13\n.cfi_adjust_cfa_offset 8\n.cfi_offset %r13, -16\n"
                "lea 16(%rsp), %r13\n.cfi_def_cfa %r13, 0\n"
                "sub $32, %rsp\ncall below\nlea -16(%r13), %rsp\n"
                "pop %r13\n.cfi_def_cfa %rsp, 8\nret")
/* breg3 (rbx) 8; deref */
BY_HAND(by_memory,
        "push %rbx\n.cfi_adjust_cfa_offset 8\n.cfi_offset %rbx, -16\n"
        "lea 16(%rsp), %rax\nsub $32, %rsp\nmov %rsp, %rbx\nmov %rax, 8(%rbx)\n"
        ".cfi_remember_state\n.cfi_escape 0x0f, 3, 0x73, 8, 0x06\n"
        "call below\nadd $32, %rsp\n.cfi_restore_state\n.cfi_def_cfa %rsp, 16\n"
        "pop %rbx\n.cfi_def_cfa %rsp, 8\nret")
BY_HAND(by_register,
        "push %r12\n.cfi_adjust_cfa_offset 8\n.cfi_offset %r12, -16\n"
        "mov %rbp, %r12\n.cfi_register %rbp, %r12\nmov $1, %ebp\n"
        "call below\nmov %r12, %rbp\n.cfi_same_value %rbp\n"
        "pop %r12\n.cfi_def_cfa %rsp, 8\nret")
__asm__(".text\n.globl by_nothing\n.type by_nothing, @function\nby_nothing:\n"
        "push %rbp\nmov %rsp, %rbp\ncall below\npop %rbp\nret\n"
        ".size by_nothing, . - by_nothing\n");

static void (*const ways[])(int) = {by_rbx,      by_r13,     by_memory,
                                    by_register, by_nothing, below};
#else
static void (*const ways[])(int) = {below};
#endif

enum { WAYS = sizeof ways / sizeof ways[0] };

void below(int depth)
{
    event();
    if (depth > 0)
        ways[sink % WAYS](depth - 1);
    event();
    sink++;
}

int main(void)
{
    for (int i = 0; i < 150; i++) {
        below(i % 12);
        event();
    }
    return 0;
}
