/* SPDX-License-Identifier: MIT */
/*
 * lies.c - code whose call frame information is wrong or missing
 *
 * Functions that say their frame address is where nothing is mapped, far away,
 * inward, at an odd address, in a register that holds a small number; code
 * made at run time that calls malloc. The program must not notice.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__x86_64__)

void lie_far(void);
void lie_inward(void);
void lie_odd(void);
void lie_fp(void);
void lie_deref(void);
void lie_rbx(void);
void lie_return(void);
void lie_expression(void);

#define LIE(name, cfi)                                                         \
    __asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name      \
            ":\n.cfi_startproc\nendbr64\n"                                     \
            "push %rbx\n.cfi_adjust_cfa_offset 8\n" cfi                        \
            "\nmov $24, %edi\ncall malloc@PLT\nmov %rax, %rdi\n"               \
            "call free@PLT\npop %rbx\nret\n.cfi_endproc\n.size " #name         \
            ", . - " #name "\n");

LIE(lie_far, ".cfi_def_cfa_offset 0x3000000")
LIE(lie_inward, ".cfi_def_cfa_offset -64")
LIE(lie_odd, ".cfi_def_cfa_offset 19")
LIE(lie_fp, "push %rbp\nmov $8, %ebp\npop %rbp\n.cfi_def_cfa %rbp, 16")
/* def_cfa_expression: breg3 (rbx) 0; deref; deref */
LIE(lie_deref, ".cfi_escape 0x0f, 4, 0x73, 0, 0x06, 0x06")
LIE(lie_rbx, ".cfi_def_cfa %rbx, 16")
LIE(lie_return, ".cfi_offset %rip, -4096")
LIE(lie_expression, ".cfi_escape 0x0f, 5, 0x77, 8, 0x06, 0x06, 0x06")

static void (*const lies[])(void) = {lie_far,    lie_inward,    lie_odd,
                                     lie_fp,     lie_deref,     lie_rbx,
                                     lie_return, lie_expression};

/* sub $8, %rsp; mov $24, %edi; mov $malloc, %rax; call *%rax; add $8, %rsp;
   ret */
static void run_made_code(void)
{
    unsigned char code[] = {0x48, 0x83, 0xec, 0x08, 0xbf, 0x18, 0,    0,   0,
                            0x48, 0xb8, 0,    0,    0,    0,    0,    0,   0,
                            0,    0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xc3};
    const uintptr_t target = (uintptr_t)malloc;
    memcpy(code + 11, &target, sizeof target);
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *(*run)(void);
    if (p == MAP_FAILED)
        return;
    memcpy(p, code, sizeof code);
    *(void **)&run = p;
    for (int i = 0; i < 50; i++)
        free(run());
    munmap(p, 4096);
}

int main(void)
{
    for (int i = 0; i < 100; i++)
        for (size_t k = 0; k < sizeof lies / sizeof lies[0]; k++)
            lies[k]();
    run_made_code();
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
