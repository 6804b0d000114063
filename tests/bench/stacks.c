/* SPDX-License-Identifier: MIT */
/*
 * stacks STACKS EVENTS - pairs of malloc and free from STACKS call stacks (at
 * most a million), each drawn at random. All are 20 frames deep; the six that
 * are innermost are called from ten places each, so most of them change from
 * one event to the next however few stacks there are. Prints ns an event.
 */
#include "deep.h"

#include <stdio.h>

enum { LEVELS = 6, ALL = 1000000, SHUFFLE = 618033 };

static uint32_t n_stacks;
static long left;
static uint64_t seed = 88172645463325252u;

static DEEP_FRAME void *go(int levels, uint32_t which);

/* What the text says differs, so that no two calls are made one. */
#define PLACE(i)                                                               \
    case i:                                                                    \
        p = go(levels - 1, which / 10);                                        \
        __asm__ volatile("# " #i);                                             \
        break;

static DEEP_FRAME void *go(int levels, uint32_t which)
{
    void *p = NULL;
    if (levels == 0) {
        p = malloc(16 + which % 128);
        DEEP_RETURN();
        return p;
    }
    switch (which % 10) {
        PLACE(0)
        PLACE(1)
        PLACE(2)
        PLACE(3)
        PLACE(4)
        PLACE(5)
        PLACE(6)
        PLACE(7)
        PLACE(8)
        PLACE(9)
    }
    return p;
}

static void work(void *unused)
{
    (void)unused;
    for (int i = 0; i < DEEP_BATCH && left > 0; i++, left -= 2) {
        const uint64_t drawn = (deep_draw(&seed) >> 24) % n_stacks;
        free(go(LEVELS, (uint32_t)(drawn * SHUFFLE % ALL)));
    }
}

int main(int argc, char **argv)
{
    n_stacks = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;
    left = argc > 2 ? atol(argv[2]) : 1000000;
    if (n_stacks < 1 || n_stacks > ALL)
        return 2;
    const double n = (double)left;
    const double start = deep_now();
    while (left > 0)
        deep_call(20 - LEVELS - DEEP_OWN_FRAMES, work, NULL);
    printf("%.2f\n", (deep_now() - start) / n);
    return 0;
}
