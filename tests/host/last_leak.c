/* SPDX-License-Identifier: MIT */
/* last_leak.c - the last block that is allocated is lost, by each entry */
#include <stdlib.h>
#include <string.h>

static void __attribute__((noinline)) by_malloc(void)
{
    memset(malloc(3000), 1, 3000);
}

static void __attribute__((noinline)) by_calloc(void)
{
    memset(calloc(1, 3000), 1, 3000);
}

static void __attribute__((noinline)) by_realloc(void)
{
    memset(realloc(malloc(16), 3000), 1, 3000);
}

/* Nothing of it stays in what is left of the frames. */
static void __attribute__((noinline)) wipe(void)
{
    volatile char stack[4096];
    for (size_t i = 0; i < sizeof stack; i++)
        stack[i] = 0;
}

int main(int argc, char **argv)
{
    static void (*const lose[])(void) = {by_malloc, by_calloc, by_realloc};
    if (argc > 1)
        lose[atoi(argv[1])]();
    wipe();
    return 0;
}
