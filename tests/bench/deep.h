/* SPDX-License-Identifier: MIT */
/*
 * deep.h - allocations at the bottom of a deep stack
 *
 * deep_call goes down so many frames and does the work there; deep_malloc
 * allocates 16 to 143 bytes from one of eight functions, drawn at random, so
 * that the innermost frame is mostly another one than the time before. No
 * function is inlined, cloned or left by a jump: a frame is a frame.
 */
#ifndef BENCH_DEEP_H
#define BENCH_DEEP_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define DEEP_FRAME __attribute__((noipa, unused))
/* After a call: what keeps it from being the function's last deed. */
#define DEEP_RETURN() __asm__ volatile("")

/* main, the work and its leaf are three of the frames that are asked for. */
enum { DEEP_OWN_FRAMES = 3, DEEP_BATCH = 100 };

/* xorshift64 */
static inline uint64_t deep_draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static inline double deep_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

#define DEEP_LEAF(i)                                                           \
    static DEEP_FRAME void *deep_leaf##i(size_t n)                             \
    {                                                                          \
        void *p = malloc(n);                                                   \
        DEEP_RETURN();                                                         \
        return p;                                                              \
    }
DEEP_LEAF(0)
DEEP_LEAF(1)
DEEP_LEAF(2)
DEEP_LEAF(3)
DEEP_LEAF(4)
DEEP_LEAF(5)
DEEP_LEAF(6)
DEEP_LEAF(7)

static inline void *deep_malloc(uint64_t *seed)
{
    static void *(*const leaf[])(size_t) = {deep_leaf0, deep_leaf1, deep_leaf2,
                                            deep_leaf3, deep_leaf4, deep_leaf5,
                                            deep_leaf6, deep_leaf7};
    const uint64_t r = deep_draw(seed);
    return leaf[r >> 20 & 7](16 + (r >> 30 & 127));
}

static DEEP_FRAME void deep_call(int frames, void (*work)(void *), void *arg)
{
    if (frames > 0)
        deep_call(frames - 1, work, arg);
    else
        work(arg);
    DEEP_RETURN();
}

#endif
