/* SPDX-License-Identifier: MIT */
/* Loses 100 blocks of 48 bytes and frees as many. */
#include <stdio.h>
#include <stdlib.h>

static void *volatile sink;

static __attribute__((noinline)) void lose(void)
{
    sink = malloc(48);
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
