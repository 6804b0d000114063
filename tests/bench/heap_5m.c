/* SPDX-License-Identifier: MIT */
/*
 * heap_5m BLOCKS BYTES [THREADS] - a heap to take a snapshot of: BLOCKS blocks
 * of BYTES bytes together, each holding the next one's address, a second one,
 * and text; with THREADS more threads that sleep. Then main returns.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void **first;

static void *sleep_on(void *unused)
{
    pause();
    return unused;
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 5000000;
    const size_t bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 1UL << 30;
    const int n_threads = argc > 3 ? atoi(argv[3]) : 0;
    const size_t size = bytes / n;
    for (int i = 0; i < n_threads; i++) {
        pthread_t t;
        pthread_create(&t, NULL, sleep_on, NULL);
    }
    uint64_t random = 1;
    for (size_t i = 0; i < n; i++) {
        void **block = malloc(size);
        memset(block, 'a' + (int)(i % 26), size);
        block[0] = first;
        random = random * 6364136223846793005U + 1442695040888963407U;
        block[1] = random >> 63 ? block : NULL;
        first = block;
    }
    return 0;
}
