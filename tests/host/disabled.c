/* SPDX-License-Identifier: MIT */
/* disabled.c - what is allocated unseen stands where something was freed, and
   is freed itself later: exits with 1 where the allocator did not do that */
#include <ouro.h>

#include <pthread.h>
#include <stdlib.h>

enum { SIZE = 120 };

/* The compiler may not know that they are the same. */
static void *volatile before, *volatile unseen;

static void *give_back(void *unused)
{
    free(unseen);
    return unused;
}

static int same(void)
{
    return before == unseen;
}

static int by_malloc(void)
{
    free(before = malloc(SIZE));
    OURO_DISABLE();
    unseen = malloc(SIZE);
    OURO_ENABLE();
    const int is_same = same();
    free(unseen);
    return is_same;
}

static int freed_before_enable(void)
{
    free(before = malloc(SIZE));
    OURO_DISABLE();
    unseen = malloc(SIZE);
    const int is_same = same();
    free(unseen);
    OURO_ENABLE();
    return is_same;
}

/* glibc's realloc cannot grow in place, and moves to where a large block was
   that has two neighbours. */
static int by_realloc(void)
{
    enum { LARGE = 2000 };
    void *small = malloc(16), *below = malloc(16);
    before = malloc(LARGE);
    void *above = malloc(16);
    free(before);
    OURO_DISABLE();
    unseen = realloc(small, LARGE);
    OURO_ENABLE();
    const int is_same = same();
    free(unseen);
    free(below);
    free(above);
    return is_same;
}

static int freed_elsewhere(void)
{
    pthread_t thread;
    free(before = malloc(SIZE));
    OURO_DISABLE();
    unseen = malloc(SIZE);
    const int is_same = same();
    pthread_create(&thread, NULL, give_back, NULL);
    pthread_join(thread, NULL);
    OURO_ENABLE();
    return is_same;
}

int main(void)
{
    return !(by_malloc() && freed_before_enable() && by_realloc() &&
             freed_elsewhere());
}
