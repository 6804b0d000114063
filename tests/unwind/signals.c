/* SPDX-License-Identifier: MIT */
/*
 * signals.c - allocations in signal handlers, on alternate stacks, and after
 * a handler was left by siglongjmp
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#define APART __attribute__((noinline, noclone))

static volatile unsigned sink;
static sigjmp_buf back;
static volatile int jump;

static APART void event(void)
{
    char *volatile p = malloc(sink % 100 + 1);
    free(p);
    sink++;
}

static APART void inner(int depth)
{
    if (depth > 0)
        inner(depth - 1);
    event();
    sink++;
}

static void handle(int number)
{
    inner(2);
    if (number == SIGUSR1)
        raise(SIGUSR2);
    if (jump && number == SIGUSR2) {
        jump = 0;
        siglongjmp(back, 1);
    }
}

/*
 * Stopped by a fault in its first instruction, where the address before it
 * belongs to something else, and then where its frame is larger and smaller.
 */
void faults(void);

#if defined(__x86_64__)
__asm__(".text\n.globl faults\n.type faults, @function\n"
        ".cfi_startproc\nsub $40, %rsp\n.cfi_def_cfa_offset 48\n"
        "hlt\n.cfi_endproc\n"
        "faults:\n.cfi_startproc\nud2\n"
        "sub $24, %rsp\n.cfi_def_cfa_offset 32\nud2\n"
        "add $24, %rsp\n.cfi_def_cfa_offset 8\nud2\nret\n"
        ".cfi_endproc\n.size faults, . - faults\n");
#elif defined(__aarch64__)
__asm__(".text\n.globl faults\n.type faults, %function\n"
        ".cfi_startproc\nsub sp, sp, 48\n.cfi_def_cfa_offset 48\n"
        "brk 1\n.cfi_endproc\n"
        "faults:\n.cfi_startproc\n.inst 0\n"
        "sub sp, sp, 32\n.cfi_def_cfa_offset 32\n.inst 0\n"
        "add sp, sp, 32\n.cfi_def_cfa_offset 0\n.inst 0\nret\n"
        ".cfi_endproc\n.size faults, . - faults\n");
#endif

static void skip(int number, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    (void)number;
    (void)info;
    inner(1);
#if defined(__x86_64__)
    c->uc_mcontext.gregs[REG_RIP] += 2;
#elif defined(__aarch64__)
    c->uc_mcontext.pc += 4;
#endif
}

/* Interrupted anywhere: in its first instruction and in its last. */
static APART unsigned spin(unsigned n)
{
    unsigned v = n;
    for (unsigned i = 0; i < n; i++)
        v = v * 1664525u + 1013904223u + sink % 7;
    return v;
}

static APART void leaf_spin(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sink += spin(i % 50);
}

static APART void outer(int depth)
{
    if (depth > 0)
        outer(depth - 1);
    else
        raise(SIGUSR1);
    event();
    leaf_spin(400);
    sink++;
}

static APART void leave(int depth)
{
    if (depth > 0) {
        leave(depth - 1);
        sink++;
        return;
    }
    if (sigsetjmp(back, 1) == 0) {
        jump = 1;
        outer(2);
    }
    event();
}

static void install(int flags)
{
    struct sigaction fault = {.sa_sigaction = skip};
    fault.sa_flags = flags | SA_SIGINFO;
    sigemptyset(&fault.sa_mask);
    sigaction(SIGILL, &fault, NULL);
    static const int numbers[] = {SIGUSR1, SIGUSR2, SIGPROF};
    for (int i = 0; i < 3; i++) {
        struct sigaction action = {.sa_handler = handle};
        action.sa_flags = flags | SA_RESTART;
        sigemptyset(&action.sa_mask);
        if (numbers[i] == SIGPROF)
            sigaddset(&action.sa_mask, SIGPROF);
        sigaction(numbers[i], &action, NULL);
    }
}

static APART void work(void)
{
    for (int i = 0; i < 150; i++) {
        outer(i % 9);
        event();
        leave(i % 5);
        faults();
    }
}

static void *thread(void *unused)
{
    static _Thread_local char room[256 * 1024];
    const stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
    sigaltstack(&stack, NULL);
    work();
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    return unused;
}

int main(void)
{
    const struct itimerval often = {{0, 1000}, {0, 1000}};
    const struct itimerval never = {{0, 0}, {0, 0}};
    pthread_t t;
    install(0);
    setitimer(ITIMER_PROF, &often, NULL);
    work();
    setitimer(ITIMER_PROF, &never, NULL);
    install(SA_ONSTACK);
    thread(NULL);
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    return 0;
}
