/* SPDX-License-Identifier: MIT */
/*
 * step.h - a handler of SIGTRAP after each instruction (x86-64)
 *
 * Between step_on() and step_off() the processor traps after each instruction.
 * The handler asks step_may_strike() first: false where it comes too late, or
 * where any other handler would be blocked. Who blocks all signals is made to
 * leave SIGTRAP out: traps that are blocked end a program.
 */
#ifndef TESTS_HOST_STEP_H
#define TESTS_HOST_STEP_H

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>

enum { STEP_FLAG = 0x100, STEP_PLACES = 1 << 16 };

static volatile sig_atomic_t step_is_on;
static uint64_t step_random;
static unsigned step_one_in = 1;

static inline void step_on(void)
{
    step_is_on = 1;
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t"
                     "orl $0x100, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp"
                     :
                     :
                     : "memory", "cc");
}

static inline void step_off(void)
{
    step_is_on = 0;
    __asm__ volatile("nop" : : : "memory");
}

static inline void step_no_more(ucontext_t *u)
{
    u->uc_mcontext.gregs[REG_EFL] &= ~STEP_FLAG;
}

static inline void step_keep_traps(ucontext_t *u)
{
    static uint64_t all_others = ~((uint64_t)1 << (SIGTRAP - 1));
    greg_t *r = u->uc_mcontext.gregs;
    const unsigned char *next = (const unsigned char *)r[REG_RIP];
    const uint64_t *set = (const uint64_t *)r[REG_RSI];
    if (next[0] == 0x0f && next[1] == 0x05 &&
        r[REG_RAX] == SYS_rt_sigprocmask && set && *set == ~(uint64_t)0)
        r[REG_RSI] = (greg_t)&all_others;
}

static inline int step_may_strike(ucontext_t *u)
{
    step_keep_traps(u);
    if (!step_is_on)
        step_no_more(u);
    return step_is_on && !sigismember(&u->uc_sigmask, SIGALRM);
}

/* Once for each address. */
static inline int step_is_new(const ucontext_t *u)
{
    static uintptr_t places[STEP_PLACES];
    const uintptr_t ip = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
    uintptr_t i = ip * 0x9e3779b97f4a7c15u >> 48;
    while (places[i % STEP_PLACES] != 0 && places[i % STEP_PLACES] != ip)
        i++;
    if (places[i % STEP_PLACES] == ip)
        return 0;
    places[i % STEP_PLACES] = ip;
    return 1;
}

/* One time in step_one_in, by step_random. */
static inline int step_is_chosen(void)
{
    step_random = step_random * 6364136223846793005u + 1442695040888963407u;
    return (step_random >> 33) % step_one_in == 0;
}

#endif
