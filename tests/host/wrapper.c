/* SPDX-License-Identifier: MIT */
/* Another library that wraps malloc and free and finds the next with dlsym. */
#include <dlfcn.h>
#include <stdlib.h>

static __thread int inside;
static char pool[4096];
static size_t pool_used;

void *malloc(size_t n)
{
    static void *(*next)(size_t);
    if (!next) {
        if (inside) {
            pool_used += (n + 15) & ~(size_t)15;
            return pool + pool_used - ((n + 15) & ~(size_t)15);
        }
        inside = 1;
        next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
        inside = 0;
    }
    return next(n);
}

void free(void *p)
{
    static void (*next)(void *);
    if ((char *)p >= pool && (char *)p < pool + sizeof pool)
        return;
    if (!next)
        next = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    next(p);
}
