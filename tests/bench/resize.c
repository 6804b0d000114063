/* SPDX-License-Identifier: MIT */
/*
 * resize CALLS DEPTH - arrays that grow: realloc from 16 bytes by half each
 * time to 8 KiB, then free, at a depth of the stack. Prints ns a call.
 */
#include "deep.h"

#include <stdio.h>

static long left;

static void work(void *unused)
{
    (void)unused;
    void *p = NULL;
    for (size_t n = 16; n <= 8192 && left > 1; n += n / 2, left--)
        p = realloc(p, n);
    free(p);
    left--;
}

int main(int argc, char **argv)
{
    const long n = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    left = n;
    const double start = deep_now();
    while (left > 0)
        deep_call(depth - DEEP_OWN_FRAMES + 1, work, NULL);
    printf("%.2f\n", (deep_now() - start) / (double)n);
    return 0;
}
