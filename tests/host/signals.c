/* SPDX-License-Identifier: MIT */
/* A profiler's signal handler that allocates and frees, on an allocator where
   that is harmless (bump.c), while the program does the same. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile long handled;

static __attribute__((noinline)) void *in_handler(void)
{
    void *p = malloc(909);
    __asm__ volatile("" ::"r"(p));
    return p;
}

static void on_prof(int s)
{
    (void)s;
    free(malloc(64));
    if (++handled <= 50)
        in_handler();
}

int main(void)
{
    const struct itimerval often = {{0, 500}, {0, 500}};
    signal(SIGALRM, on_prof);
    setitimer(ITIMER_REAL, &often, NULL);
    while (handled < 2000) {
        void *p = malloc(48);
        __asm__ volatile("" ::"r"(p));
        free(p);
    }
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    puts("handled");
    return 0;
}
