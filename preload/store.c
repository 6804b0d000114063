/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "own.h"
#include "raw.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

/* Blocks are never unmapped once another thread may have seen them. */
struct block {
    _Alignas(16) _Atomic size_t used; /* this head among it */
};

static struct block *_Atomic shim_store;

static void *take_from(struct block *b, size_t n)
{
    size_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
    do {
        if (n > STORE_BLOCK - used)
            return NULL;
    } while (!atomic_compare_exchange_weak(&b->used, &used, used + n));
    return (char *)b + used;
}

/* What is left of the block before stays unused. */
static struct block *more_after(struct block *full)
{
    const long at =
        RAW_CALL6(SYS_mmap, 0, STORE_BLOCK, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(at))
        return NULL;
    struct block *more = (struct block *)at;
    atomic_store(&more->used, sizeof *more);
    if (atomic_compare_exchange_strong(&shim_store, &full, more)) {
        own_note(more, STORE_BLOCK);
        return more;
    }
    RAW_CALL2(SYS_munmap, at, STORE_BLOCK);
    return full;
}

void *store_take(size_t n)
{
    struct block *b = atomic_load(&shim_store);
    n = (n + 15) & ~(size_t)15;
    for (;;) {
        void *at = b ? take_from(b, n) : NULL;
        if (at)
            return at;
        b = more_after(b);
        if (!b)
            return NULL;
    }
}
