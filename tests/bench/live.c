/* SPDX-License-Identifier: MIT */
/*
 * live BLOCKS EVENTS DEPTH - BLOCKS blocks are alive; then one drawn at random
 * is freed and another allocated in its place, EVENTS / 2 times. Prints ns an
 * event of the second part.
 */
#include "deep.h"

#include <stdio.h>

static void **block;
static size_t n_blocks;
static long left;
static uint64_t seed = 88172645463325252u;

static void work(void *unused)
{
    (void)unused;
    for (int i = 0; i < DEEP_BATCH && left > 0; i++, left -= 2) {
        void **at = &block[(deep_draw(&seed) >> 24) % n_blocks];
        free(*at);
        *at = deep_malloc(&seed);
    }
}

int main(int argc, char **argv)
{
    n_blocks = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const long n = argc > 2 ? atol(argv[2]) : 1000000;
    const int depth = argc > 3 ? atoi(argv[3]) : 20;
    block = malloc(n_blocks * sizeof *block);
    if (!block)
        return 1;
    for (size_t i = 0; i < n_blocks; i++)
        block[i] = deep_malloc(&seed);
    left = n;
    const double start = deep_now();
    while (left > 0)
        deep_call(depth - DEEP_OWN_FRAMES, work, NULL);
    printf("%.2f\n", (deep_now() - start) / (double)n);
    return 0;
}
