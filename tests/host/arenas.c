/* SPDX-License-Identifier: MIT */
/* Eight threads, each in an arena of its own, whose blocks stand at the same
   distance from the arena's beginning, 64 MiB apart; freed by another one. */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_THREADS = 8, N_BLOCKS = 20000 };

static void *blocks[N_THREADS][N_BLOCKS];
static pthread_barrier_t barrier;

static void *thread(void *a)
{
    const size_t me = (size_t)a, other = (me + 1) % N_THREADS;
    pthread_barrier_wait(&barrier); /* nobody takes an arena of the dead */
    for (int i = 0; i < N_BLOCKS; i++)
        blocks[me][i] = malloc(100);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < N_BLOCKS; i++)
        if (i % 100 != 0)
            free(blocks[other][i]);
    return NULL;
}

int main(void)
{
    size_t equal = 0;
    pthread_t t[N_THREADS];
    mallopt(M_ARENA_MAX, 64);
    pthread_barrier_init(&barrier, NULL, N_THREADS);
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_create(&t[i], NULL, thread, (void *)i);
    for (size_t i = 0; i < N_THREADS; i++)
        pthread_join(t[i], NULL);
    for (size_t i = 1; i < N_THREADS; i++)
        for (int k = 0; k < N_BLOCKS; k++)
            equal += (uintptr_t)blocks[i][k] % (64u << 20) ==
                     (uintptr_t)blocks[0][k] % (64u << 20);
    memset(blocks, 0, sizeof blocks); /* from here on they are lost */
    puts(equal > N_BLOCKS ? "equal offsets" : "different offsets");
    return 0;
}
