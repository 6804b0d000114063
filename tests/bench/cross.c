/* SPDX-License-Identifier: MIT */
/*
 * cross EVENTS DEPTH - one thread allocates at a depth of the stack, another
 * frees: blocks go over in a ring that has one writer, one reader and no lock.
 * Prints ns an event.
 */
#include "deep.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

enum { SLOTS = 4096, SPINS = 1000 };

static struct {
    void *slot[SLOTS];
    _Alignas(64) atomic_ulong written;
    _Alignas(64) atomic_ulong taken;
} ring;

static long left;

/* Until a counter of the other side is past what is given. */
static unsigned long wait_past(atomic_ulong *counter, unsigned long limit)
{
    unsigned long now;
    for (int i = 0;
         (now = atomic_load_explicit(counter, memory_order_acquire)) <= limit;
         i++)
        if (i > SPINS)
            sched_yield();
    return now;
}

static void work(void *arg)
{
    static unsigned long written, room = SLOTS;
    uint64_t *seed = arg;
    for (int i = 0; i < DEEP_BATCH && left > 0; i++, left -= 2) {
        if (written >= room)
            room = wait_past(&ring.taken, written - SLOTS) + SLOTS;
        ring.slot[written % SLOTS] = deep_malloc(seed);
        atomic_store_explicit(&ring.written, ++written, memory_order_release);
    }
}

static void *free_all(void *arg)
{
    const unsigned long n = *(unsigned long *)arg;
    unsigned long there = 0;
    for (unsigned long taken = 0; taken < n;) {
        if (taken >= there)
            there = wait_past(&ring.written, taken);
        free(ring.slot[taken % SLOTS]);
        atomic_store_explicit(&ring.taken, ++taken, memory_order_release);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const long n = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    unsigned long blocks = (unsigned long)n / 2;
    uint64_t seed = 88172645463325252u;
    pthread_t reader;
    left = (long)blocks * 2;
    const double start = deep_now();
    pthread_create(&reader, NULL, free_all, &blocks);
    while (left > 0)
        deep_call(depth - DEEP_OWN_FRAMES, work, &seed);
    pthread_join(reader, NULL);
    printf("%.2f\n", (deep_now() - start) / (double)n);
    return 0;
}
