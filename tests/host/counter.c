/* SPDX-License-Identifier: MIT */
/* Preloaded behind the guest: counts what reaches the next allocator, and
   writes it to the file that COUNTER names when the process exits. */
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_ulong allocations, frees;

static void *took(void *p)
{
    if (p)
        atomic_fetch_add(&allocations, 1);
    return p;
}

void *malloc(size_t n)
{
    return took(__libc_malloc(n));
}

void *calloc(size_t a, size_t b)
{
    return took(__libc_calloc(a, b));
}

void *realloc(void *p, size_t n)
{
    void *q = __libc_realloc(p, n);
    if (p && (q || n == 0))
        atomic_fetch_add(&frees, 1);
    return took(q);
}

void *memalign(size_t align, size_t n)
{
    return took(__libc_memalign(align, n));
}

void *valloc(size_t n)
{
    return took(__libc_memalign(4096, n));
}

void *pvalloc(size_t n)
{
    return took(__libc_memalign(4096, (n + 4095) & ~(size_t)4095));
}

void *aligned_alloc(size_t align, size_t n)
{
    return took(__libc_memalign(align, n));
}

int posix_memalign(void **out, size_t align, size_t n)
{
    void *p = took(__libc_memalign(align, n));
    if (!p)
        return 12;
    *out = p;
    return 0;
}

void free(void *p)
{
    if (p)
        atomic_fetch_add(&frees, 1);
    __libc_free(p);
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("COUNTER");
    char text[64];
    if (!path)
        return;
    const int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    const int n = snprintf(text, sizeof text, "%lu %lu\n",
                           atomic_load(&allocations), atomic_load(&frees));
    if (write(fd, text, (size_t)n) != n)
        _exit(9);
    close(fd);
}
