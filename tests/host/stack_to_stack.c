/* SPDX-License-Identifier: MIT */
/*
 * Calls from one stack on to another that is always the same, as runtimes with
 * coroutines do; the callers' stacks are unmapped in between. With any number
 * of frames on the second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__x86_64__)

enum { STACK = 64 * 1024, STACKS = 9, DEPTHS = 8 };

void call_on(void *top, void (*f)(int), int n);
__asm__(".text\n.globl call_on\n.type call_on, @function\ncall_on:\n"
        ".cfi_startproc\nendbr64\n"
        "push %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n"
        "mov %rsp, %rbp\n.cfi_def_cfa_register %rbp\n"
        "mov %rdi, %rsp\nmov %edx, %edi\ncall *%rsi\n"
        "leave\n.cfi_def_cfa %rsp, 8\nret\n.cfi_endproc\n"
        ".size call_on, . - call_on\n");

static char *low; /* the stack that is called on to */

static __attribute__((noinline)) void allocate(int depth)
{
    if (depth > 0)
        allocate(depth - 1);
    else
        for (int i = 0; i < 3; i++)
            free(malloc(24));
    __asm__ volatile("");
}

static __attribute__((noinline)) void go_on(int depth)
{
    call_on(low + STACK, allocate, depth);
    __asm__ volatile("");
}

int main(void)
{
    for (int depth = 0; depth < DEPTHS; depth++) {
        low = mmap(NULL, (size_t)STACK * STACKS, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (low == MAP_FAILED)
            return 1;
        for (int i = 1; i < STACKS; i++) {
            call_on(low + STACK * (i + 1), go_on, depth);
            munmap(low + STACK * i, STACK);
        }
        munmap(low, STACK);
    }
    puts("unharmed");
    return 0;
}

#else

int main(void)
{
    puts("unharmed");
    return 0;
}

#endif
