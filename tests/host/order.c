/* SPDX-License-Identifier: MIT */
/* Four threads allocate, reallocate and free each other's blocks, some across
   pages, in one arena without thread caches: addresses are reused at once. */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_THREADS = 4, N_ROUNDS = 40000, N_SLOTS = 64 };

static _Atomic(void *) slots[N_SLOTS];

static void *thread(void *a)
{
    unsigned r = (unsigned)(size_t)a * 2654435761u + 1;
    for (int i = 0; i < N_ROUNDS; i++) {
        r = r * 1664525u + 1013904223u;
        void *p = malloc(16 + r % 6000);
        p = realloc(p, 16 + (r >> 8) % 9000);
        free(atomic_exchange(&slots[(r >> 16) % N_SLOTS], p));
    }
    return NULL;
}

int main(void)
{
    pthread_t t[N_THREADS];
    mallopt(M_ARENA_MAX, 1);
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_create(&t[i], NULL, thread, (void *)(i + 1));
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < N_SLOTS; i++)
        free(atomic_exchange(&slots[i], NULL));
    puts("done");
    return 0;
}
