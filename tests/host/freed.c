/* SPDX-License-Identifier: MIT */
/*
 * freed ORDER SEED [thread] - a heap of which most was freed: ORDER says how,
 * up, down, random, bursts (which libc's allocator merges), small (which it
 * does not), heads (the same, and the last of each size lies far from that of
 * the size before) or none; or what is done to the heap then, with nothing
 * said: closed, guarded, emptied, damaged. On stdout "address value" for the
 * first and the last word of each block that is left, which are the addresses
 * of other blocks.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    BLOCKS = 40000,
    WORDS_MOST = 256,
    WORDS_SMALL = 15,
    BLOCKS_HEADS = 160000
};

static uintptr_t *block[BLOCKS_HEADS];
static size_t words[BLOCKS_HEADS];
static uint32_t order[BLOCKS_HEADS];
static uint32_t blocks = BLOCKS;
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
    for (uint32_t i = 0; i < blocks; i++) {
        words[i] = size_of_one(small);
        block[i] = malloc(words[i] * sizeof *block[i]);
        memset(block[i], 0x55, words[i] * sizeof *block[i]);
    }
    for (uint32_t i = 0; i < blocks; i++) {
        block[i][0] = (uintptr_t)block[below(blocks)];
        block[i][words[i] - 1] = (uintptr_t)block[below(blocks)];
    }
}

static void choose_order(const char *how)
{
    for (uint32_t i = 0; i < blocks; i++)
        order[i] = strcmp(how, "down") == 0 ? blocks - 1 - i : i;
    const int is_mixed = strcmp(how, "up") != 0 && strcmp(how, "heads") != 0;
    const uint32_t reach = strcmp(how, "random") == 0 ? blocks : 24;
    for (uint32_t i = 0; is_mixed && i < blocks; i++) {
        const uint32_t k = (i + below(reach)) % blocks;
        const uint32_t one = order[i];
        order[i] = order[k];
        order[k] = one;
    }
}

/* What was freed last begins a list: of each size one that lies low, at places
   far apart. */
static void choose_heads(void)
{
    uint32_t last = blocks - 2;
    for (uint32_t i = blocks / 16, w = 3; w <= WORDS_SMALL; i++)
        if (words[i] == w) {
            order[i] = last;
            order[last--] = i;
            i += blocks / 16;
            w += 2;
        }
}

/* One of 400 stays, and the last, so that the heap does not shrink, and one of
 * each run of bursts is had again. */
static void give_back(int bursts)
{
    for (uint32_t i = 0; i < blocks; i++) {
        const uint32_t k = order[i];
        if (below(400) == 0 || k == blocks - 1)
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

/* What no list of free memory should lead to: pages that are closed, guarded,
   emptied, and addresses that are none. Nothing can use this heap any more. */
static void spoil(const char *how, char *first, char *last)
{
    enum { PAGES = 64, GUARD = 102 };
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uint32_t n = (uint32_t)((uintptr_t)(last - first) / page);
    for (int i = 0; i < PAGES; i++) {
        char *at = first + below(n) * page;
        at -= (uintptr_t)at % page;
        if (strcmp(how, "closed") == 0)
            mprotect(at, page, PROT_NONE);
        else if (strcmp(how, "guarded") == 0)
            madvise(at, page, GUARD);
        else if (strcmp(how, "emptied") == 0)
            madvise(at, page, MADV_DONTNEED);
        else
            for (uintptr_t k = 0; k < page; k += 8 * (1 + below(8)))
                *(uintptr_t *)(at + k) =
                    (uintptr_t)first + 16 * (uintptr_t)below(n * 256);
    }
    _exit(0);
}

static void say(void)
{
    for (uint32_t i = 0; i < blocks; i++)
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
    const int heads = strcmp(how, "heads") == 0;
    if (heads)
        blocks = BLOCKS_HEADS;
    allocate(heads || strcmp(how, "small") == 0);
    choose_order(how);
    if (heads)
        choose_heads();
    char *const first = (char *)block[1];
    char *const last = (char *)block[blocks - 1];
    if (strcmp(how, "none") != 0)
        give_back(strcmp(how, "bursts") == 0);
    if (strcmp(how, "closed") == 0 || strcmp(how, "guarded") == 0 ||
        strcmp(how, "emptied") == 0 || strcmp(how, "damaged") == 0)
        spoil(how, first, last);
    say();
    return 0;
}
