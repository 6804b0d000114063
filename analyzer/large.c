/* SPDX-License-Identifier: MIT */
#include "large.h"

#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 2 << 20 };

static size_t whole(size_t bytes)
{
    return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Address space that begins with a large page; NULL: there is none. */
static char *reserve(size_t len)
{
    char *p = mmap(NULL, len + PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    const size_t before = -(uintptr_t)p % PAGE;
    if (before > 0)
        munmap(p, before);
    munmap(p + before + len, PAGE - before);
    return p + before;
}

static void *map(size_t len)
{
    char *p = reserve(len);
    if (!p) {
        p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                 -1, 0);
        if (p == MAP_FAILED)
            out_of_memory();
    }
    madvise(p, len, MADV_HUGEPAGE);
    return p;
}

/* The pages move as they are. Where address space is short they go wherever
   there is room. */
static void *move(void *p, size_t old, size_t len)
{
    void *to = reserve(len);
    void *q = to ? mremap(p, old, len, MREMAP_MAYMOVE | MREMAP_FIXED, to)
                 : mremap(p, old, len, MREMAP_MAYMOVE);
    if (q == MAP_FAILED)
        out_of_memory();
    return q;
}

static void *move_in(void *p, size_t old, size_t len)
{
    void *q = map(len);
    if (old > 0)
        memcpy(q, p, old);
    free(p);
    return q;
}

void *large_grow(void *p, size_t old, size_t n, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(n, bytes, &total) || total > SIZE_MAX / 4)
        out_of_memory();
    if (total < LARGE_LEAST)
        return must_realloc(p, n, bytes);
    if (old < LARGE_LEAST)
        return move_in(p, old, whole(total));
    return move(p, whole(old), whole(total));
}

void large_free(void *p, size_t bytes)
{
    if (bytes < LARGE_LEAST)
        free(p);
    else
        munmap(p, whole(bytes));
}
