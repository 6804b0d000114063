/* SPDX-License-Identifier: MIT */
/* Threads that may be cancelled at any instruction, inside malloc too, where
   bump.c is the allocator that stands it: the unwinding crosses our frames and
   runs the host's cleanup, which with -fexceptions hangs on it alone. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { N_ROUNDS = 300 };

static atomic_int cleaned, started;
static void *volatile sink;

static void clean(void *a)
{
    atomic_fetch_add(&cleaned, 1);
    free(malloc(30));
    (void)a;
}

static void work(void)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    atomic_fetch_add(&started, 1);
    for (;;)
        free(realloc(malloc(20), 50));
}

/* So that the compiler cannot know that it does not throw. */
static void (*volatile const works)(void) = work;

/* Cancelled in this one call: only calls have a cleanup. */
static void *thread(void *a)
{
    pthread_cleanup_push(clean, NULL);
    works();
    pthread_cleanup_pop(1);
    return a;
}

static __attribute__((noinline)) void lose_after(void)
{
    sink = malloc(606);
    sink = NULL;
}

int main(void)
{
    int cancelled = 0;
    for (int i = 0; i < N_ROUNDS; i++) {
        pthread_t t;
        void *result;
        if (pthread_create(&t, NULL, thread, NULL) != 0)
            return 1;
        while (atomic_load(&started) <= i)
            sched_yield();
        for (volatile int spin = i % 50 * 100; spin > 0; spin--)
            continue;
        pthread_cancel(t);
        pthread_join(t, &result);
        cancelled += result == PTHREAD_CANCELED;
        lose_after();
    }
    printf("cancelled %d, cleaned %d\n", cancelled, atomic_load(&cleaned));
    return 0;
}
