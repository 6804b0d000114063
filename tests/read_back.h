/* SPDX-License-Identifier: MIT */
/*
 * read_back.h - bytes as a file that has no name, and what a walk gave of it
 */
#ifndef TESTS_READ_BACK_H
#define TESTS_READ_BACK_H

#include "arena.h"
#include "build_trace.h"
#include "trace/trace.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One at a time: the next one takes its place. */
struct file {
    int fd;
    char path[32];
};

static inline struct file file_of(const void *bytes, size_t len)
{
    struct file f = {.fd = memfd_create("trace", MFD_CLOEXEC)};
    ck_assert_int_ge(f.fd, 0);
    ck_assert_int_eq(pwrite(f.fd, bytes, len, 0), (ssize_t)len);
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline struct file file_built(struct build *b)
{
    build_end_chunk(b);
    return file_of(b->bytes, b->len);
}

/* Every event that a walk gave, in order. */
struct seen {
    uint32_t n, room;
    struct event *events;
};

static inline int see(void *to, const struct event *e)
{
    struct seen *s = to;
    GROW(s->events, s->n, s->room);
    s->events[s->n++] = *e;
    return 0;
}

static inline void unsee(struct seen *s)
{
    free(s->events);
    *s = (struct seen){0};
}

static inline bool event_equals(const struct event *a, const struct event *b)
{
    return a->stamp == b->stamp && a->thread == b->thread &&
           a->stack == b->stack && a->text == b->text && a->kind == b->kind &&
           a->flags == b->flags && a->a == b->a && a->b == b->b &&
           a->size == b->size && a->n == b->n &&
           memcmp(a->threshold, b->threshold, sizeof a->threshold) == 0;
}

static inline bool seen_equals(const struct seen *a, const struct seen *b)
{
    for (uint32_t i = 0; i < a->n && i < b->n; i++)
        if (!event_equals(&a->events[i], &b->events[i]))
            return false;
    return a->n == b->n;
}

static inline void must_open(struct trace *t, const char *path)
{
    struct err e;
    if (trace_open(t, path, &e) < 0)
        ck_abort_msg("%s", e.text);
}

static inline struct seen must_walk(struct trace *t)
{
    struct err e;
    struct seen s = {0};
    if (trace_walk(t, see, &s, &e) != 0)
        ck_abort_msg("%s", e.text);
    return s;
}

/* xorshift64*: `seed` moves on. */
static inline uint64_t random_u64(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1dU;
}

static inline uint64_t random_below(uint64_t *seed, uint64_t n)
{
    return random_u64(seed) % n;
}

#endif
