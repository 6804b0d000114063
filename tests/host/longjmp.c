/* SPDX-License-Identifier: MIT */
/* Jumps out of a signal handler that may have struck inside malloc. The
   allocator behind is one where that is harmless (bump.c). */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static sigjmp_buf back;
static volatile int jumps;

static void on_alarm(int s)
{
    (void)s;
    jumps++;
    siglongjmp(back, 1);
}

static __attribute__((noinline)) void *leak_here(size_t n)
{
    void *p = malloc(n);
    __asm__ volatile("" ::"r"(p));
    return p;
}

static __attribute__((noinline)) void churn(void)
{
    for (;;) {
        void *p = malloc(16);
        __asm__ volatile("" ::"r"(p));
        free(p);
    }
}

static __attribute__((noinline)) void deeper(int n)
{
    volatile char pad[512];
    pad[0] = 1;
    if (n > 0)
        deeper(n - 1);
    else
        leak_here(4242);
    __asm__ volatile("" ::"r"(&pad));
}

int main(void)
{
    signal(SIGALRM, on_alarm);
    for (volatile int round = 0; round < 200; round++) {
        if (!sigsetjmp(back, 1)) {
            const struct itimerval once = {{0, 0}, {0, 300 + round}};
            setitimer(ITIMER_REAL, &once, NULL);
            churn();
        }
        leak_here(1717);
        deeper(3);
    }
    printf("%d jumps\n", jumps);
    return 0;
}
