/* SPDX-License-Identifier: MIT */
/*
 * cost.c - what a capture costs at depth 20 and 100, against unw_backtrace
 *
 * 24 call paths of one to three frames, chosen at random, end in a capture.
 * "kept": 200 captures for each visit of the deep frame; "torn": the whole
 * stack is left and entered again by another path for each. The cost of the
 * calls alone is taken off.
 */
#include "module.h"
#include "rule.h"
#include "stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>

#define APART __attribute__((noinline))

enum way { WAY_NONE, WAY_OURS, WAY_BACKTRACE };

static struct stack *stack;
static enum way way;
static int batch;
static long left;
static uint64_t seed = 88172645463325252u, path;
static volatile unsigned sink;

static uint64_t roll(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static APART void capture(void)
{
    static void *frames[1024];
    const struct stack_here here = STACK_HERE();
    switch (way) {
    case WAY_NONE:
        break;
    case WAY_OURS:
        stack_capture(stack, &here);
        break;
    case WAY_BACKTRACE:
        sink += (unsigned)unw_backtrace(frames, 1024);
        break;
    }
    sink++;
}

#define LEAF(i)                                                                \
    static APART void a##i(void)                                               \
    {                                                                          \
        capture();                                                             \
        sink++;                                                                \
    }                                                                          \
    static APART void b##i(void)                                               \
    {                                                                          \
        a##i();                                                                \
        sink++;                                                                \
    }                                                                          \
    static APART void c##i(void)                                               \
    {                                                                          \
        b##i();                                                                \
        sink++;                                                                \
    }
LEAF(0)
LEAF(1)
LEAF(2)
LEAF(3)
LEAF(4)
LEAF(5)
LEAF(6)
LEAF(7)

static void (*const leaf[24])(void) = {a0, a1, a2, a3, a4, a5, a6, a7,
                                       b0, b1, b2, b3, b4, b5, b6, b7,
                                       c0, c1, c2, c3, c4, c5, c6, c7};

static APART void events(void)
{
    for (int i = 0; i < batch && left > 0; i++, left--)
        leaf[(roll() >> 13) % 24]();
    sink++;
}

static APART void one(int depth);
static APART void two(int depth);

static APART void one(int depth)
{
    if (depth <= 0)
        events();
    else if (depth & 4)
        two(depth - 1);
    else
        one(depth - 1);
    sink++;
}

static APART void two(int depth)
{
    if (depth <= 0)
        events();
    else if (path >> (depth & 63) & 1)
        one(depth - 1);
    else
        two(depth - 1);
    sink++;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The least of seven, in ns an event: other load only adds. */
static double measure(enum way w, int depth)
{
    enum { RUNS = 7 };
    double result[RUNS];
    const long n = 100000;
    way = w;
    for (int run = -1; run < RUNS; run++) {
        const double start = now();
        for (left = n; left > 0;) {
            path = roll() & 15;
            one(depth - 5);
        }
        if (run >= 0)
            result[run] = (now() - start) / (double)n;
    }
    qsort(result, RUNS, sizeof result[0], compare);
    return result[0];
}

int main(void)
{
    static const int depths[] = {20, 100};
    unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_PER_THREAD);
    stack = mmap(NULL, sizeof *stack, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    module_start();
    rule_start();
    stack_start();
    stack_forget(stack);
    for (int torn = 0; torn < 2; torn++)
        for (int d = 0; d < 2; d++) {
            batch = torn ? 1 : 200;
            const double base = measure(WAY_NONE, depths[d]);
            printf("%s, depth %3d: ours %6.1f ns, unw_backtrace %6.1f ns\n",
                   torn ? "torn" : "kept", depths[d],
                   measure(WAY_OURS, depths[d]) - base,
                   measure(WAY_BACKTRACE, depths[d]) - base);
        }
    return stack_is_valid(stack) ? 0 : 1;
}
