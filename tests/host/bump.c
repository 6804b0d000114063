/* SPDX-License-Identifier: MIT */
/* An allocator that may be left at any instruction: one atomic add, no lock,
   nothing is ever reused. For tests that jump out of malloc. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static char arena[1u << 30];
static atomic_size_t used;

static void *take(size_t align, size_t n)
{
    if (n > sizeof arena)
        return NULL;
    const size_t room = n + align + 16;
    const size_t at = atomic_fetch_add(&used, room);
    if (at + room > sizeof arena) {
        errno = ENOMEM;
        return NULL;
    }
    const uintptr_t p =
        ((uintptr_t)arena + at + 16 + align - 1) & ~(uintptr_t)(align - 1);
    ((size_t *)p)[-1] = n;
    return (void *)p;
}

void *malloc(size_t n)
{
    return take(16, n);
}

void free(void *p)
{
    (void)p;
}

void *calloc(size_t a, size_t b)
{
    size_t n;
    return __builtin_mul_overflow(a, b, &n) ? NULL : take(16, n);
}

void *realloc(void *p, size_t n)
{
    void *q = take(16, n);
    if (p && q) {
        const size_t old = ((size_t *)p)[-1];
        memcpy(q, p, old < n ? old : n);
    }
    return q;
}

void *memalign(size_t align, size_t n)
{
    return take(align < 16 ? 16 : align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return memalign(align, n);
}

int posix_memalign(void **out, size_t align, size_t n)
{
    void *p = memalign(align, n);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}
