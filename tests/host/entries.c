/* SPDX-License-Identifier: MIT */
/* Leaks one block through each allocator entry point of C, each from a
   function of its own and with a size of its own, and walks the edges. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void *volatile sink;

#define LEAK(name, call)                                                       \
    static __attribute__((noinline)) void leak_##name(void)                    \
    {                                                                          \
        sink = call;                                                           \
        sink = NULL;                                                           \
    }

LEAK(malloc, malloc(1001))
LEAK(calloc, calloc(7, 143))
LEAK(realloc, realloc(NULL, 1002))
LEAK(realloc_moved, realloc(malloc(10), 100003))
LEAK(reallocarray, reallocarray(NULL, 11, 93))
LEAK(aligned_alloc, aligned_alloc(64, 1024))
LEAK(memalign, memalign(128, 1025))
LEAK(valloc, valloc(1026))
LEAK(pvalloc, pvalloc(1027))
LEAK(nothing, malloc(0))

static __attribute__((noinline)) void leak_posix_memalign(void)
{
    void *p;
    if (posix_memalign(&p, 256, 1028) == 0)
        sink = p;
    sink = NULL;
}

static int edges(void)
{
    int bad = 0;
    void *mark = &bad, *p = mark;
    volatile size_t huge = SIZE_MAX / 2;
    volatile size_t three = 3;
    errno = 0;
    bad += malloc(huge) != NULL || errno != ENOMEM;
    errno = 0;
    bad += calloc(huge, 4) != NULL || errno != ENOMEM;
    void *kept = malloc(24);
    bad += realloc(kept, huge) != NULL;
    bad += reallocarray(kept, huge, 4) != NULL;
    bad += posix_memalign(&p, three, 8) != EINVAL || p != mark;
    free(kept);
    void *gone = malloc(40);
    sink = realloc(gone, 0); /* glibc: frees and gives NULL */
    errno = 123;
    free(malloc(50));
    free(NULL);
    bad += errno != 123;
    void *usable = malloc(33);
    bad += malloc_usable_size(usable) != 40;
    free(usable);
    return bad;
}

int main(void)
{
    leak_malloc();
    leak_calloc();
    leak_realloc();
    leak_realloc_moved();
    leak_reallocarray();
    leak_aligned_alloc();
    leak_memalign();
    leak_valloc();
    leak_pvalloc();
    leak_posix_memalign();
    leak_nothing();
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    malloc_trim(0);
    const struct mallinfo2 m = mallinfo2();
    printf("edges %d, arena %d\n", edges(), m.arena > 0);
    return 0;
}
