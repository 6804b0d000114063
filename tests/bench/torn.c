/* SPDX-License-Identifier: MIT */
/*
 * torn EVENTS DEPTH - the worst case for whoever remembers the last stack: each
 * block is allocated at the bottom of a stack that shares no frame with the one
 * before, below main's caller. Prints ns an event.
 */
#include "deep.h"

#include <stdio.h>

static uint64_t seed = 88172645463325252u;

static DEEP_FRAME void down_here(int frames)
{
    if (frames > 0)
        down_here(frames - 1);
    else
        free(deep_malloc(&seed));
    DEEP_RETURN();
}

static DEEP_FRAME void down_there(int frames)
{
    if (frames > 0)
        down_there(frames - 1);
    else
        free(deep_malloc(&seed));
    DEEP_RETURN();
}

int main(int argc, char **argv)
{
    const long n = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    const double start = deep_now();
    for (long left = n; left > 0; left -= 4) {
        down_here(depth - DEEP_OWN_FRAMES);
        down_there(depth - DEEP_OWN_FRAMES);
    }
    printf("%.2f\n", (deep_now() - start) / (double)n);
    return 0;
}
