/* SPDX-License-Identifier: MIT */
/*
 * A program with something in each kind of memory. `snapshots HOW` says on
 * stdout what a snapshot of it must hold: "address value" for a word, "region
 * address"; and ends as HOW says: return, exit, deep (exit from a nested
 * function, which holds a block in a register or on its stack), _exit, _Exit,
 * quick_exit, abort, said (OURO_SNAPSHOT, then _exit is a system call).
 */
#include <ouro.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static uintptr_t *global;
static uintptr_t *small;

static void holds(const void *slot)
{
    printf("%lu %lu\n", (unsigned long)(uintptr_t)slot,
           (unsigned long)*(const uintptr_t *)slot);
}

static void fill(void)
{
    uintptr_t *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uintptr_t *shared = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    global = calloc(8, sizeof *global);
    small = malloc(sizeof *small);
    *small = 65535;
    global[0] = (uintptr_t)malloc(24);
    global[1] = global[0] + 7;       /* inside, and not aligned */
    global[2] = (uintptr_t)global;   /* of itself */
    global[3] = (uintptr_t)&global;  /* of a module */
    global[4] = 0xfeedfacecafebeefu; /* a secret */
    global[5] = 65536;               /* neither */
    page[100000] = (uintptr_t)malloc(40);
    shared[1] = (uintptr_t)malloc(48);
    mprotect(page, 1 << 20, PROT_READ);
    holds(&global);
    holds(small);
    for (int i = 0; i < 4; i++)
        holds(&global[i]);
    holds(&page[100000]);
    holds(&shared[1]);
    printf("secret %lu\n", (unsigned long)(uintptr_t)&global[4]);
    printf("secret %lu\n", (unsigned long)(uintptr_t)&global[5]);
    fflush(stdout);
}

static __attribute__((noinline)) void nested(int depth)
{
    uintptr_t *volatile kept = malloc(72);
    if (depth > 0)
        nested(depth - 1);
    printf("stack %lu\n", (unsigned long)(uintptr_t)&kept);
    fflush(stdout);
    exit(0);
}

/* A word of main's frame. */
static void gone(const void *local)
{
    printf("gone %lu\n", (unsigned long)(uintptr_t)local);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "return";
    fill();
    if (strcmp(how, "exit") == 0)
        exit(0);
    if (strcmp(how, "deep") == 0)
        nested(3);
    if (strcmp(how, "_exit") == 0)
        _exit(0);
    if (strcmp(how, "_Exit") == 0)
        _Exit(0);
    if (strcmp(how, "quick_exit") == 0)
        quick_exit(0);
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "said") == 0) {
        OURO_SNAPSHOT("first");
        syscall(SYS_exit_group, 0);
    }
    if (strcmp(how, "return") == 0)
        gone(&argc);
    return 0;
}
