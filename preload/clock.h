/* SPDX-License-Identifier: MIT */
/*
 * clock.h - stamps: one total order over the events of a process
 *
 * The processor's own counter where it is the same on all cores and never
 * stops: on x86-64 CPUID must call it invariant and the kernel must trust it
 * enough to keep time by it; on aarch64 the architecture promises it.
 * Everywhere else, and where asked for, one atomic counter.
 */
#ifndef PRELOAD_CLOCK_H
#define PRELOAD_CLOCK_H

#include "hot.h"
#include "ouro_trace.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

extern HOT uint32_t shim_clock; /* enum ouro_clock */

/* Alone on its line: in counter mode every event writes it. */
struct clock_counter {
    _Alignas(64) _Atomic uint64_t now;
};
extern struct clock_counter shim_counter __attribute__((visibility("hidden")));

void clock_start(bool counter);

/* CLOCK_MONOTONIC or CLOCK_REALTIME. */
uint64_t clock_ns(int clock);

static inline uint64_t clock_stamp(void)
{
#if defined(__x86_64__)
    if (__builtin_expect(shim_clock == OURO_CLOCK_TSC, 1)) {
        uint32_t low;
        uint32_t high;
        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
        return (uint64_t)high << 32 | low;
    }
#elif defined(__aarch64__)
    if (__builtin_expect(shim_clock == OURO_CLOCK_CNTVCT, 1)) {
        uint64_t now;
        __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
        return now;
    }
#endif
    return atomic_fetch_add(&shim_counter.now, 1) + 1;
}

#endif
