/* SPDX-License-Identifier: MIT */
/*
 * depth EVENTS DEPTH [THREADS [BUSY]] - EVENTS calls of malloc and free at a
 * depth of the stack, each thread its share and each its own blocks; prints ns
 * an event. Of the threads BUSY work (all, if it is not said); the others have
 * one block each and sleep. No thread ends before the last one is done.
 */
#include "deep.h"

#include <pthread.h>
#include <stdio.h>

enum { MAX_THREADS = 256 };

struct churn {
    _Alignas(64) long left;
    uint64_t seed;
    int frames;
};

static pthread_barrier_t line;

static void work(void *arg)
{
    struct churn *c = arg;
    for (int i = 0; i < DEEP_BATCH && c->left > 0; i++, c->left -= 2)
        free(deep_malloc(&c->seed));
}

static void *churn(void *arg)
{
    struct churn *c = arg;
    pthread_barrier_wait(&line);
    while (c->left > 0)
        deep_call(c->frames, work, c);
    pthread_barrier_wait(&line);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct churn each[MAX_THREADS];
    pthread_t thread[MAX_THREADS];
    const long n = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    const int n_threads = argc > 3 ? atoi(argv[3]) : 1;
    const int n_busy = argc > 4 ? atoi(argv[4]) : n_threads;
    if (n_threads > MAX_THREADS || n_busy < 1 || n_busy > n_threads)
        return 2;
    pthread_barrier_init(&line, NULL, (unsigned)n_threads);
    for (int i = 0; i < n_threads; i++)
        each[i] = (struct churn){i < n_busy ? n / n_busy : 2,
                                 88172645463325252u + (unsigned)i,
                                 depth - DEEP_OWN_FRAMES};
    const double start = deep_now();
    for (int i = 1; i < n_threads; i++)
        pthread_create(&thread[i], NULL, churn, &each[i]);
    churn(&each[0]);
    const double end = deep_now();
    for (int i = 1; i < n_threads; i++)
        pthread_join(thread[i], NULL);
    printf("%.2f\n", (end - start) / (double)n);
    return 0;
}
