/* SPDX-License-Identifier: MIT */
/* Loses 100 blocks of 48 bytes and frees as many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *volatile sink;

static __attribute__((noinline)) void lose(void)
{
    sink = malloc(48);
    memset(sink, 0, 48); /* links of the allocator may be left in it */
    sink = NULL;
}

int main(void)
{
    for (int i = 0; i < 100; i++) {
        lose();
        free(malloc(48));
    }
    puts("lost 100");
    return 0;
}
