/* SPDX-License-Identifier: MIT */
/*
 * growing_cache.c - a cache that nothing ever leaves
 *
 * No leak by a leak checker's book: a global holds the cache, and the cache its
 * entries. `ouro survivors` tells it from memory in use: entries of many ages,
 * and more of them at each checkpoint.
 */
#include "ouro.h"

#include <stdlib.h>

struct entry {
    struct entry *next;
    int key;
};

static struct entry *cache;

static struct entry *look_up(int key)
{
    for (struct entry *e = cache; e; e = e->next)
        if (e->key == key)
            return e;
    struct entry *e = malloc(sizeof *e);
    if (!e)
        exit(1);
    *e = (struct entry){.next = cache, .key = key};
    cache = e;
    OURO_NEW(e, "entry");
    return e;
}

/* What a request needs for itself dies with it. */
static int serve(int request)
{
    int *scratch = malloc(sizeof *scratch);
    if (!scratch)
        exit(1);
    OURO_NEW(scratch, "scratch");
    const int answer = *scratch = look_up(request)->key;
    OURO_DEAD(scratch);
    free(scratch);
    return answer;
}

int main(void)
{
    long sum = 0;
    for (int request = 0; request < 3000; request++) {
        if (request % 1000 == 0)
            OURO_CHECKPOINT("thousand requests");
        sum += serve(request);
    }
    return sum == 3000L * 2999 / 2 ? 0 : 1;
}
