/* SPDX-License-Identifier: MIT */
/* depth EVENTS DEPTH - pairs of malloc and free at a depth of the stack, from
   leaves that vary; prints ns per event. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t seed = 88172645463325252u;
static long left;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

#define LEAF(i)                                                                \
    static __attribute__((noinline)) void leaf##i(size_t n)                    \
    {                                                                          \
        void *p = malloc(n);                                                   \
        __asm__ volatile("" ::"r"(p));                                         \
        free(p);                                                               \
    }
LEAF(0)
LEAF(1)
LEAF(2)
LEAF(3)
LEAF(4)
LEAF(5)
LEAF(6)
LEAF(7)
static void (*const leaf[])(size_t) = {leaf0, leaf1, leaf2, leaf3,
                                       leaf4, leaf5, leaf6, leaf7};

static __attribute__((noinline)) void down(int depth)
{
    if (depth > 0) {
        down(depth - 1);
        __asm__ volatile("");
        return;
    }
    for (int i = 0; i < 200 && left > 0; i++, left -= 2)
        leaf[draw() >> 20 & 7](16 + (draw() >> 30 & 127));
}

int main(int argc, char **argv)
{
    const long n = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    struct timespec a, b;
    left = n;
    clock_gettime(CLOCK_MONOTONIC, &a);
    while (left > 0)
        down(depth - 3);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.1f\n", ((double)(b.tv_sec - a.tv_sec) * 1e9 +
                      (double)(b.tv_nsec - a.tv_nsec)) /
                         (double)n);
    return 0;
}
