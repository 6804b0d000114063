/* SPDX-License-Identifier: MIT */
/* jumps N: jumps out of handlers that struck inside malloc until that often a
   handler struck in the guest itself, as far as the caller can tell. The
   allocator behind is one where that is harmless (bump.c). */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static sigjmp_buf back;
static volatile sig_atomic_t is_inside;
static volatile int n_inside;

static void on_alarm(int s)
{
    (void)s;
    n_inside += is_inside;
    siglongjmp(back, 1);
}

static __attribute__((noinline)) void lose(size_t n)
{
    void *p = malloc(n);
    __asm__ volatile("" ::"r"(p));
}

static __attribute__((noinline)) void churn(void)
{
    for (;;) {
        is_inside = 1;
        void *p = malloc(16);
        __asm__ volatile("" ::"r"(p));
        free(p);
        is_inside = 0;
    }
}

int main(int argc, char **argv)
{
    const int wanted = argc > 1 ? atoi(argv[1]) : 0;
    int lost = 0;
    signal(SIGALRM, on_alarm);
    for (volatile int round = 0; n_inside < wanted; round++) {
        if (!sigsetjmp(back, 1)) {
            const struct itimerval once = {{0, 0}, {0, 20 + round % 60}};
            setitimer(ITIMER_REAL, &once, NULL);
            churn();
        }
        is_inside = 0;
        if (round % 10 == 0 && lost < 1000) {
            lose(1717);
            lost++;
        }
    }
    printf("%d lost\n", lost);
    return 0;
}
