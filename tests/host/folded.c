/* SPDX-License-Identifier: MIT */
/* folded.c THREADS ROUNDS - threads that hold a hundred blocks each, whatever
   happens, and give them to each other; a child is forked now and then */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 100, THREADS = 8 };

static void *_Atomic held[THREADS * BLOCKS];
static long rounds;

static void *churn(void *seed)
{
    unsigned long x = 88172645463325252ul + (unsigned long)seed;
    for (long i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        void *p = malloc(16 + (x >> 20) % 300);
        if ((x >> 40) % 8 == 0)
            p = realloc(p, 16 + (x >> 30) % 600);
        free(__atomic_exchange_n((void **)&held[x % (THREADS * BLOCKS)], p,
                                 __ATOMIC_ACQ_REL));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    const long n = argc > 1 ? atol(argv[1]) : 1;
    rounds = argc > 2 ? atol(argv[2]) : 1000;
    for (int i = 0; i < THREADS * BLOCKS; i++)
        held[i] = malloc(32);
    for (long i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, churn, (void *)i);
    for (int i = 0; i < 3; i++) {
        const pid_t child = fork();
        if (child == 0)
            _exit(0);
        waitpid(child, NULL, 0);
    }
    for (long i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS * BLOCKS; i++)
        free(held[i]);
    return 0;
}
