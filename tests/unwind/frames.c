/* SPDX-License-Identifier: MIT */
/*
 * frames.c - every kind of frame a compiler makes, with allocations below
 *
 * Variable and realigned frames (with several callers, so that only the word
 * that a frame address came from tells them apart), large ones, 500 and, in
 * `deep`, 100,000 of them.
 */
#include <alloca.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline, noclone))

static uint64_t seed = 88172645463325252u;
static volatile unsigned sink, size = 40;

static unsigned roll(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static APART void event(void)
{
    char *volatile p = malloc(roll(100) + 1);
    free(p);
    sink++;
}

static APART void on_heap(unsigned n)
{
    char *p = alloca(n);
    memset(p, 1, n);
    event();
    sink += (unsigned)p[n / 2];
}

/* Its frame address is in memory, and stack arguments come before it. */
static APART long realigned(long a, long b, long c, long d, long e, long f,
                            long g, unsigned n)
{
    _Alignas(64) char room[64];
    char *p = alloca(n + 1);
    memset(room, (int)n, sizeof room);
    memset(p, 2, n + 1);
    event();
    sink += (unsigned)(uintptr_t)room % 64;
    return a + b + c + d + e + f + g + p[n / 2] + room[n % 64];
}

static APART void caller_one(unsigned n)
{
    sink += (unsigned)realigned(1, 2, 3, 4, 5, 6, 7, n);
    sink++;
}

static APART void caller_two(unsigned n)
{
    char room[40];
    memset(room, 3, sizeof room);
    sink += (unsigned)realigned(1, 2, 3, 4, 5, 6, room[n % 40], n);
    sink++;
}

static APART void caller_three(unsigned n)
{
    sink += (unsigned)realigned(7, 6, 5, 4, 3, 2, 1, n);
    on_heap(n + 1);
    sink++;
}

static APART void large(unsigned n)
{
    char room[100000];
    memset(room, 4, sizeof room);
    event();
    sink += (unsigned)room[n % sizeof room];
}

static APART void many_registers(unsigned n)
{
    unsigned a = roll(n), b = roll(n), c = roll(n), d = roll(n), e = roll(n);
    event();
    sink += a * b;
    event();
    sink += c * d + e + a;
}

static APART void any(unsigned depth)
{
    const unsigned n = roll(300) + 1;
    switch (roll(7)) {
    case 0:
        on_heap(n);
        break;
    case 1:
        caller_one(n);
        break;
    case 2:
        caller_two(n);
        break;
    case 3:
        caller_three(n);
        break;
    case 4:
        large(n);
        break;
    case 5:
        many_registers(n);
        break;
    default:
        if (depth > 0)
            any(depth - 1);
        event();
    }
    sink++;
}

static APART void down(unsigned depth)
{
    if (depth == 0 || roll(40) == 0)
        for (int i = 0; i < 4; i++)
            any(4);
    if (depth > 0)
        down(depth - 1);
    if (roll(40) == 0)
        any(1);
    sink++;
}

/*
 * The same frames at the same places but for one word, and what that word said
 * before still stands where it pointed: nothing is written in between.
 */
static APART void aligned(long a, long b, long c, long d, long e, long f,
                          long on_stack)
{
    _Alignas(64) volatile char room[64];
    char *p = alloca(size);
    p[0] = room[0] = 1;
    event();
    sink += (unsigned)(p[0] + a + b + c + d + e + f + on_stack);
}

static APART void aligned_from_one(void)
{
    aligned(1, 2, 3, 4, 5, 6, 7);
    sink++;
}

static APART void aligned_from_two(void)
{
    volatile char room[24];
    room[0] = 1;
    aligned(1, 2, 3, 4, 5, 6, 7);
    sink += (unsigned)room[0];
}

static APART void aligned_from_three(void)
{
    volatile char room[40];
    room[0] = 1;
    aligned(1, 2, 3, 4, 5, 6, 7);
    sink += (unsigned)room[0];
}

static APART void align(unsigned n)
{
    char *p = alloca(n % 4 * 16 + 1);
    p[0] = 1;
    aligned_from_three();
    aligned_from_two();
    aligned_from_one();
    aligned_from_two();
    aligned_from_three();
    aligned_from_one();
    sink += (unsigned)p[0];
}

/* What it calls is always at one place, wherever its own frame is. */
static APART void shifted(uintptr_t floor)
{
    char *p = alloca(16);
    p = alloca((uintptr_t)p - floor);
    p[0] = 1;
    event();
    sink += (unsigned)p[0];
}

static APART void shift_here(uintptr_t floor)
{
    shifted(floor);
    sink++;
}

static APART void shift_more(uintptr_t floor)
{
    volatile char room[256];
    room[0] = 1;
    shifted(floor);
    sink += (unsigned)room[0];
}

static void (*volatile const shifts[2])(uintptr_t) = {shift_here, shift_more};

/* From one call: but for the frame address in between, nothing tells which. */
static APART void shift(void)
{
    const uintptr_t floor =
        ((uintptr_t)__builtin_frame_address(0) - 4096) & ~(uintptr_t)63;
    for (int i = 0; i < 4; i++) {
        shifts[i % 2](floor);
        sink++;
    }
}

/* One call, to what allocates itself (as a tail call does) or further down. */
static APART void *allocates(size_t n)
{
    return malloc(n);
}

static APART void *calls(size_t n)
{
    event();
    sink += (unsigned)n;
    return NULL;
}

static void *(*volatile const ways[2])(size_t) = {allocates, calls};

static APART void one_call(void)
{
    for (int i = 0; i < 4; i++) {
        void *p;
        if (i < 2) {
            p = ways[i](8);
            sink++;
        } else {
            p = ways[1](8);
            sink += 2;
        }
        free(p);
    }
}

static APART void recurse(unsigned depth)
{
    event();
    if (depth > 0)
        recurse(depth - 1);
    event();
    sink++;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "deep") == 0) {
        recurse(100000);
        any(3);
        recurse(6000);
        return 0;
    }
    for (unsigned i = 0; i < 600; i++) {
        align(i);
        shift();
        one_call();
    }
    for (int i = 0; i < 1500; i++)
        down(i % 30 == 0 ? 500 : 30);
    return 0;
}
