/* SPDX-License-Identifier: MIT */
/*
 * window.h - pages that were found readable
 *
 * [lo, hi) are whole pages without a hole. The kernel is asked page by page,
 * with a call that fails either way and changes nothing: rt_sigprocmask with a
 * `how` that does not exist fails with EFAULT where the set cannot be read and
 * with EINVAL where it can. No descriptor, no ptrace, no signal.
 *
 * Pages are asked about once: memory that was readable is taken to stay so
 * until window_at() starts anew.
 */
#ifndef PRELOAD_WINDOW_H
#define PRELOAD_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WINDOW_PAGE = 4096 };

struct window {
    uintptr_t lo, hi;
};

/* Makes w hold the page of `at`, keeping what it holds if that is near. */
void window_at(struct window *w, uintptr_t at);

/* Grows w outward to hold [at, at + len), where it can. */
bool window_grow(struct window *w, uintptr_t at, size_t len);

/* Makes w hold [at, at + len), wherever that is. */
bool window_jump(struct window *w, uintptr_t at, size_t len);

static inline bool window_holds(const struct window *w, uintptr_t at,
                                size_t len)
{
    return at >= w->lo && at < w->hi && len <= w->hi - at;
}

/* Reads an aligned word, growing w if need be. */
static inline bool window_read(struct window *w, uintptr_t at, uintptr_t *word)
{
    if (__builtin_expect(at & (sizeof *word - 1), 0))
        return false;
    if (__builtin_expect(!window_holds(w, at, sizeof *word), 0) &&
        !window_grow(w, at, sizeof *word))
        return false;
    *word = *(const volatile uintptr_t *)at;
    return true;
}

#endif
