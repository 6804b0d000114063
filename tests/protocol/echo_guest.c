/* SPDX-License-Identifier: MIT */
/*
 * echo_guest.c - a guest that only says what it hears, one line a hook, to
 * stderr: what ouro.h does can be seen without the rest. Built with
 * TABLE_END=hook it is an older guest, whose table ends with that hook.
 */
#include "ouro.h"

#include <inttypes.h>
#include <stdio.h>

#define WHO  PRIxPTR
#define N(p) ((uintptr_t)(p))
#define S(s) ((s) ? (s) : "-")

/* One hook of each shape: an object, and what else it is told. */
#define OBJECT(name)                                                           \
    static void hear_##name(const void *obj)                                   \
    {                                                                          \
        fprintf(stderr, #name " %" WHO "\n", N(obj));                          \
    }
#define TEXT(name)                                                             \
    static void hear_##name(const void *obj, const char *text)                 \
    {                                                                          \
        fprintf(stderr, #name " %" WHO " %s\n", N(obj), S(text));              \
    }
#define NUMBER(name, type)                                                     \
    static void hear_##name(const void *obj, type n)                           \
    {                                                                          \
        fprintf(stderr, #name " %" WHO " %lld\n", N(obj), (long long)n);       \
    }
#define EDGE(name)                                                             \
    static void hear_##name(const void *owner, const char *field,              \
                            const void *target)                                \
    {                                                                          \
        fprintf(stderr, #name " %" WHO " %s %" WHO "\n", N(owner), S(field),   \
                N(target));                                                    \
    }
#define PAIR(name)                                                             \
    static void hear_##name(const void *a, const void *b)                      \
    {                                                                          \
        fprintf(stderr, #name " %" WHO " %" WHO "\n", N(a), N(b));             \
    }
#define BLOCK(name)                                                            \
    static void hear_##name(const void *pool, const void *p, uint64_t size)    \
    {                                                                          \
        fprintf(stderr, #name " %" WHO " %" WHO " %" PRIu64 "\n", N(pool),     \
                N(p), size);                                                   \
    }
#define NAME(name)                                                             \
    static void hear_##name(const char *text)                                  \
    {                                                                          \
        fprintf(stderr, #name " %s\n", S(text));                               \
    }
#define ROOT(name)                                                             \
    static void hear_##name(const char *text, const void *target)              \
    {                                                                          \
        fprintf(stderr, #name " %s %" WHO "\n", S(text), N(target));           \
    }
#define PLAIN(name)                                                            \
    static void hear_##name(void)                                              \
    {                                                                          \
        fputs(#name "\n", stderr);                                             \
    }

TEXT(new)
TEXT(new_leaf)
TEXT(type)
TEXT(label)
OBJECT(dead)
OBJECT(incref)
OBJECT(decref)
NUMBER(add, int64_t)
NUMBER(acquire, uint64_t)
NUMBER(release, uint64_t)
NUMBER(count, int64_t)
EDGE(link)
EDGE(unlink)
OBJECT(unlink_all)
ROOT(root)
ROOT(unroot)
PAIR(own)
EDGE(weak)
PAIR(move)
OBJECT(track)
OBJECT(untrack)
OBJECT(immortal)
OBJECT(finalizer)
NAME(checkpoint)
NAME(snapshot)
PLAIN(gc_enable)
PLAIN(gc_disable)
PLAIN(gc_freeze)
PLAIN(gc_unfreeze)
BLOCK(pool_create)
BLOCK(pool_alloc)
PAIR(pool_free)
OBJECT(pool_reset)
OBJECT(pool_destroy)
OBJECT(ignore)
PLAIN(disable)
PLAIN(enable)

static void hear_new_at(const void *obj, const char *type, int64_t count,
                        uint64_t bytes)
{
    fprintf(stderr, "new_at %" WHO " %s %" PRId64 " %" PRIu64 "\n", N(obj),
            S(type), count, bytes);
}

static void hear_link_at(const void *owner, const char *field, int64_t index,
                         const void *slot, const void *target)
{
    fprintf(stderr, "link_at %" WHO " %s %" PRId64 " %" WHO " %" WHO "\n",
            N(owner), S(field), index, N(slot), N(target));
}

static void hear_collect(uint32_t generation)
{
    fprintf(stderr, "collect %" PRIu32 "\n", generation);
}

static void hear_gc_set_threshold(uint32_t a, uint32_t b, uint32_t c)
{
    fprintf(stderr, "gc_set_threshold %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", a,
            b, c);
}

#ifdef TABLE_END
#define TABLE_SIZE                                                             \
    (offsetof(struct ouro_hooks, TABLE_END) + sizeof(void (*)(void)))
#else
#define TABLE_SIZE sizeof(struct ouro_hooks)
#endif

#define HEAR(name) .on_##name = hear_##name

extern const struct ouro_hooks ouro_hooks_v1;
const struct ouro_hooks ouro_hooks_v1 = {
    .size = TABLE_SIZE,
    .version = 1,
    HEAR(new),
    HEAR(new_at),
    HEAR(new_leaf),
    HEAR(type),
    HEAR(label),
    HEAR(dead),
    HEAR(incref),
    HEAR(decref),
    HEAR(add),
    HEAR(acquire),
    HEAR(release),
    HEAR(count),
    HEAR(link),
    HEAR(unlink),
    HEAR(link_at),
    HEAR(unlink_all),
    HEAR(root),
    HEAR(unroot),
    HEAR(own),
    HEAR(weak),
    HEAR(move),
    HEAR(track),
    HEAR(untrack),
    HEAR(immortal),
    HEAR(finalizer),
    HEAR(checkpoint),
    HEAR(snapshot),
    HEAR(collect),
    HEAR(gc_set_threshold),
    HEAR(gc_enable),
    HEAR(gc_disable),
    HEAR(gc_freeze),
    HEAR(gc_unfreeze),
    HEAR(pool_create),
    HEAR(pool_alloc),
    HEAR(pool_free),
    HEAR(pool_reset),
    HEAR(pool_destroy),
    HEAR(ignore),
    HEAR(disable),
    HEAR(enable),
};
