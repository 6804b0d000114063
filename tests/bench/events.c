/* SPDX-License-Identifier: MIT */
/*
 * events PAIRS DEPTH - what an event of each kind takes, in ns, at a depth of
 * the stack: malloc and free apart, and pairs of what include/ouro.h announces.
 * Each comes from one of eight functions, drawn at random. With -DOURO_OFF what
 * is left is the call of an empty function.
 */
#include "deep.h"

#include "ouro.h"

#include <stdio.h>

enum { SITES = 8, HELD = 1000 };

static char object[64], owner[64];
static uint64_t seed = 88172645463325252u;
static long pairs;

#define SITE(name, i, ...)                                                     \
    static DEEP_FRAME void name##i(void)                                       \
    {                                                                          \
        __VA_ARGS__;                                                           \
        DEEP_RETURN();                                                         \
    }
/* name[]: eight functions, each of which does what follows. */
#define EVENT(name, ...)                                                       \
    SITE(name, 0, __VA_ARGS__)                                                 \
    SITE(name, 1, __VA_ARGS__)                                                 \
    SITE(name, 2, __VA_ARGS__)                                                 \
    SITE(name, 3, __VA_ARGS__)                                                 \
    SITE(name, 4, __VA_ARGS__)                                                 \
    SITE(name, 5, __VA_ARGS__)                                                 \
    SITE(name, 6, __VA_ARGS__)                                                 \
    SITE(name, 7, __VA_ARGS__)                                                 \
    static void (*const name[SITES])(void) = {name##0, name##1, name##2,       \
                                              name##3, name##4, name##5,       \
                                              name##6, name##7};

EVENT(incref, OURO_INCREF(object))
EVENT(decref, OURO_DECREF(object))
EVENT(acquire, OURO_ACQUIRE(object, 1))
EVENT(release, OURO_RELEASE(object, 1))
EVENT(linked, OURO_LINK(owner, "field", object))
EVENT(unlinked, OURO_UNLINK(owner, "field", object))

static void time_pairs(const char *what, void (*const take[SITES])(void),
                       void (*const give[SITES])(void))
{
    const double start = deep_now();
    for (long i = 0; i < pairs; i++) {
        const uint64_t r = deep_draw(&seed);
        take[r >> 20 & (SITES - 1)]();
        give[r >> 30 & (SITES - 1)]();
    }
    printf("%s\t%.3f\n", what, (deep_now() - start) / (double)pairs / 2);
}

static void time_blocks(void)
{
    static void *held[HELD];
    double allocating = 0, freeing = 0;
    for (long n = 0; n < pairs; n += HELD) {
        const double start = deep_now();
        for (int i = 0; i < HELD; i++)
            held[i] = deep_malloc(&seed);
        const double half = deep_now();
        for (int i = 0; i < HELD; i++)
            free(held[i]);
        allocating += half - start;
        freeing += deep_now() - half;
    }
    printf("malloc\t%.3f\n", allocating / (double)pairs);
    printf("free\t%.3f\n", freeing / (double)pairs);
}

static void work(void *unused)
{
    (void)unused;
    OURO_NEW_AT(object, "object", 1, sizeof object);
    OURO_NEW_AT(owner, "owner", 1, sizeof owner);
    time_pairs("INCREF, DECREF", incref, decref);
    time_pairs("ACQUIRE, RELEASE", acquire, release);
    time_pairs("LINK, UNLINK", linked, unlinked);
    time_blocks();
    OURO_DEAD(owner);
    OURO_DEAD(object);
}

int main(int argc, char **argv)
{
    pairs = argc > 1 ? atol(argv[1]) : 1000000;
    const int depth = argc > 2 ? atoi(argv[2]) : 20;
    deep_call(depth - DEEP_OWN_FRAMES, work, NULL);
    return 0;
}
