/* SPDX-License-Identifier: MIT */
/* A trap after each instruction of an event, whose handler jumps out of it:
   from each place once, or from one in N. jump_steps SEED N. What was
   interrupted is abandoned, and the program goes on; the allocator behind is
   one where that is harmless (bump.c). */
#include "step.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 400 };

static sigjmp_buf back;
static volatile int n_jumps;
static void *volatile sink;

static void on_trap(int s, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    (void)s;
    (void)info;
    if (!step_may_strike(u) || !step_is_new(u) || !step_is_chosen())
        return;
    step_is_on = 0;
    n_jumps++;
    siglongjmp(back, 1);
}

static __attribute__((noinline)) void lose(size_t n)
{
    sink = malloc(n);
    sink = NULL;
}

static void round_of(int i)
{
    void *volatile block = NULL;
    void *volatile older = malloc(17);
    if (sigsetjmp(back, 1) == 0) {
        if (i > 0)
            step_on();
        block = malloc(40 + (size_t)i);
        block = realloc(block, 80 + (size_t)i);
        free(block);
        step_off();
    }
    for (int k = 0; k < 20; k++)
        free(malloc(16));
    free(older);
    lose(333);
}

int main(int argc, char **argv)
{
    const struct sigaction act = {.sa_sigaction = on_trap,
                                  .sa_flags = SA_SIGINFO};
    if (argc < 3)
        return 2;
    step_random = strtoull(argv[1], NULL, 0);
    step_one_in = (unsigned)atoi(argv[2]);
    sigaction(SIGTRAP, &act, NULL);
    for (int i = 0; i < ROUNDS; i++)
        round_of(i);
    printf("%d\n", n_jumps);
    return 0;
}
