/* SPDX-License-Identifier: MIT */
/*
 * freed ORDER SEED [thread] - a heap of which most was freed: ORDER says how,
 * up, down, random, bursts (which libc's allocator merges), small (which it
 * does not) or none. On stdout "address value" for the first and the last word
 * of each block that is left, which are the addresses of other blocks.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS = 40000, WORDS_MOST = 256, WORDS_SMALL = 15 };

static uintptr_t *block[BLOCKS];
static size_t words[BLOCKS];
static uint32_t order[BLOCKS];
static char buffer[1 << 16];
static uint64_t state;

static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)((state >> 33) % n);
}

/* As large as the allocator's chunk: its last word is the next chunk's first.
 */
static size_t size_of_one(int small)
{
    const uint32_t most = small      ? WORDS_SMALL
                          : below(8) ? 2 * WORDS_SMALL
                                     : WORDS_MOST;
    return 3 + 2 * (size_t)below((most - 1) / 2);
}

static void allocate(int small)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        words[i] = size_of_one(small);
        block[i] = malloc(words[i] * sizeof *block[i]);
        memset(block[i], 0x55, words[i] * sizeof *block[i]);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        block[i][0] = (uintptr_t)block[below(BLOCKS)];
        block[i][words[i] - 1] = (uintptr_t)block[below(BLOCKS)];
    }
}

static void choose_order(const char *how)
{
    for (uint32_t i = 0; i < BLOCKS; i++)
        order[i] = strcmp(how, "down") == 0 ? BLOCKS - 1 - i : i;
    const uint32_t reach = strcmp(how, "random") == 0 ? BLOCKS : 24;
    for (uint32_t i = 0; strcmp(how, "up") != 0 && i < BLOCKS; i++) {
        const uint32_t k = (i + below(reach)) % BLOCKS;
        const uint32_t one = order[i];
        order[i] = order[k];
        order[k] = one;
    }
}

/* One of 400 stays, and the last, so that the heap does not shrink, and one of
 * each run of bursts is had again. */
static void give_back(int bursts)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        const uint32_t k = order[i];
        if (below(400) == 0 || k == BLOCKS - 1)
            continue;
        free(block[k]);
        block[k] = NULL;
        if (bursts && below(64) == 0) {
            block[k] = malloc(words[k] * sizeof *block[k]);
            memset(block[k], 0, words[k] * sizeof *block[k]);
            block[k][0] = (uintptr_t)block[k];
            block[k][words[k] - 1] = (uintptr_t)block[k];
        }
    }
}

static void say(void)
{
    for (uint32_t i = 0; i < BLOCKS; i++)
        for (int last = 0; block[i] && last < 2; last++) {
            const uintptr_t *at = block[i] + (last ? words[i] - 1 : 0);
            printf("%lu %lu\n", (unsigned long)(uintptr_t)at,
                   (unsigned long)*at);
        }
    fflush(stdout);
}

static void *sleep_on(void *unused)
{
    pause();
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t t;
    if (argc < 3)
        return 2;
    const char *how = argv[1];
    state = strtoul(argv[2], NULL, 10);
    if (argc > 3)
        pthread_create(&t, NULL, sleep_on, NULL);
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    allocate(strcmp(how, "small") == 0);
    choose_order(how);
    if (strcmp(how, "none") != 0)
        give_back(strcmp(how, "bursts") == 0);
    say();
    return 0;
}
