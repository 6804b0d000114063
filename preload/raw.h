/* SPDX-License-Identifier: MIT */
/*
 * raw.h - system calls without libc: no errno, no cancellation point, no lock
 *
 * Each returns what the kernel returned: -errno on failure. Where an interrupt
 * can be told from failure, the caller tries again.
 */
#ifndef PRELOAD_RAW_H
#define PRELOAD_RAW_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long raw_call(long number, long a, long b, long c, long d, long e,
                            long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long ret = number;
    __asm__ volatile("syscall"
                     : "+a"(ret)
                     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}
#elif defined(__aarch64__)
static inline long raw_call(long number, long a, long b, long c, long d, long e,
                            long f)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}
#else
#error "x86-64 and aarch64 only"
#endif

#define RAW_CALL0(number)    raw_call((number), 0, 0, 0, 0, 0, 0)
#define RAW_CALL1(number, a) raw_call((number), (long)(a), 0, 0, 0, 0, 0)
#define RAW_CALL2(number, a, b)                                                \
    raw_call((number), (long)(a), (long)(b), 0, 0, 0, 0)
#define RAW_CALL3(number, a, b, c)                                             \
    raw_call((number), (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define RAW_CALL4(number, a, b, c, d)                                          \
    raw_call((number), (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define RAW_CALL6(number, a, b, c, d, e, f)                                    \
    raw_call((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e),  \
             (long)(f))

/* mmap's answer: is it an address? */
static inline bool raw_is_address(long ret)
{
    return (unsigned long)ret < (unsigned long)-4095L;
}

/* This thread's signals; false: they are as they were. */
static inline bool raw_block_signals(uint64_t *before)
{
    const uint64_t all = ~(uint64_t)0;
    *before = 0;
    return RAW_CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &all, before,
                     sizeof all) == 0;
}

static inline void raw_set_signals(uint64_t mask)
{
    RAW_CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask);
}

#endif
