/* SPDX-License-Identifier: MIT */
/*
 * The pool that dlsym lives from: blocks one after another, each behind 16
 * bytes that hold its size, so that a realloc of one works.
 */
#include "raw.h"
#include "real.h"

#include <stdint.h>
#include <sys/mman.h>

enum { HEAD = 16 };

_Alignas(64) unsigned char shim_pool[REAL_POOL];
HOT _Atomic uintptr_t shim_pool_more;

static _Atomic size_t shim_pool_used;
static _Atomic size_t shim_pool_more_used;

size_t real_early_size(const void *p)
{
    return *(const size_t *)((uintptr_t)p - HEAD);
}

/* A block of [base, base + room); 0: none is left. */
static uintptr_t take(uintptr_t base, size_t room, _Atomic size_t *used,
                      size_t alignment, size_t size)
{
    size_t before = atomic_load(used);
    uintptr_t at;
    size_t after;
    do {
        at = (base + before + HEAD + alignment - 1) & ~(alignment - 1);
        if (at - base > room || size > room - (at - base))
            return 0;
        after = at - base + size;
    } while (!atomic_compare_exchange_weak(used, &before, after));
    *(size_t *)(at - HEAD) = size;
    return at;
}

static uintptr_t more_pages(void)
{
    uintptr_t none = 0;
    const uintptr_t known = atomic_load(&shim_pool_more);
    if (known)
        return known;
    const long new =
        RAW_CALL6(SYS_mmap, 0, REAL_POOL_MORE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(new))
        return 0;
    if (atomic_compare_exchange_strong(&shim_pool_more, &none, (uintptr_t) new))
        return (uintptr_t) new;
    RAW_CALL2(SYS_munmap, new, REAL_POOL_MORE);
    return none;
}

void *real_early_alloc(size_t alignment, size_t size)
{
    if (alignment < HEAD)
        alignment = HEAD;
    uintptr_t at =
        take((uintptr_t)shim_pool, REAL_POOL, &shim_pool_used, alignment, size);
    const uintptr_t more = at ? 0 : more_pages();
    if (more)
        at = take(more, REAL_POOL_MORE, &shim_pool_more_used, alignment, size);
    return (void *)at;
}
