/* SPDX-License-Identifier: MIT */
/* Loses 20 blocks and frees as many, for tests that build it in many ways. */
#include <stdio.h>
#include <stdlib.h>

void *volatile lost;

__attribute__((noinline, noclone)) void lose(size_t n)
{
    lost = malloc(n);
    lost = NULL;
}

int main(void)
{
    for (int i = 0; i < 20; i++) {
        lose(48);
        free(malloc(48));
    }
    puts("lost 20");
    return 3;
}
