/* SPDX-License-Identifier: MIT */
/*
 * shim.c - the functions the host program calls instead of its allocator
 *
 * Rules for this file:
 *   - one call to the real function per wrapper, with the host's arguments;
 *   - a block's end is recorded before the real free, its start after the real
 *     malloc, so two live blocks never share an address in the trace;
 *   - a failed allocation records nothing, free(NULL) neither;
 *   - an entry point that the real one calls inside (real_is_inner) is only
 *     forwarded: the outermost counts.
 * malloc_usable_size stays the allocator's own: blocks are exactly its.
 */
#include "export.h"
#include "real.h"
#include "record.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* C23's, which this libc's headers may not have yet. */
EXPORT void free_sized(void *block, size_t size);
EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size);

/* What every entry point that gives a block does with it. */
static inline void *given(int entry, void *block, size_t size,
                          const struct stack_here *here)
{
    if (__builtin_expect(block != NULL, 1) && !real_is_inner(here->ip))
        record_alloc(entry, block, size, here);
    return block;
}

EXPORT void *malloc(size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_MALLOC, real()->malloc(size), size, &here);
}

EXPORT void *calloc(size_t n, size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_CALLOC, real()->calloc(n, size), n * size, &here);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_ALIGNED_ALLOC,
                 real()->aligned_alloc(alignment, size), size, &here);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_MEMALIGN, real()->memalign(alignment, size), size,
                 &here);
}

EXPORT void *valloc(size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_VALLOC, real()->valloc(size), size, &here);
}

EXPORT void *pvalloc(size_t size)
{
    const struct stack_here here = STACK_HERE();
    return given(OURO_ENTRY_PVALLOC, real()->pvalloc(size), size, &here);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t size)
{
    const struct stack_here here = STACK_HERE();
    const int error = real()->posix_memalign(block, alignment, size);
    if (error == 0)
        given(OURO_ENTRY_POSIX_MEMALIGN, *block, size, &here);
    return error;
}

/* What every entry point that takes one back does. False: it is nobody's. */
static inline bool taken(const void *block, const struct stack_here *here)
{
    if (!block || real_is_early(block))
        return false;
    if (!real_is_inner(here->ip))
        record_free(block, here);
    return true;
}

EXPORT void free(void *block)
{
    const struct stack_here here = STACK_HERE();
    if (taken(block, &here))
        real()->free(block);
}

EXPORT void free_sized(void *block, size_t size)
{
    const struct stack_here here = STACK_HERE();
    if (taken(block, &here))
        real()->free_sized(block, size);
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    const struct stack_here here = STACK_HERE();
    if (taken(block, &here))
        real()->free_aligned_sized(block, alignment, size);
}

/* From before the real allocator was known: it moves into it. */
static void *move_early(int entry, const void *old, size_t size,
                        const struct stack_here *here)
{
    void *block = real()->malloc(size);
    if (!block)
        return NULL;
    const size_t had = real_early_size(old);
    memcpy(block, old, had < size ? had : size);
    return given(entry, block, size, here);
}

/* What became of `old`, of which the real call made `block`. */
static int outcome(const void *block, size_t size, int moved)
{
    if (block)
        return moved;
    return size == 0 ? OURO_REALLOC_FREED : OURO_REALLOC_FAILED;
}

EXPORT void *realloc(void *old, size_t size)
{
    const struct stack_here here = STACK_HERE();
    struct record_realloc r;
    if (real_is_inner(here.ip))
        return real()->realloc(old, size);
    if (!old)
        return given(OURO_ENTRY_REALLOC, real()->realloc(NULL, size), size,
                     &here);
    if (real_is_early(old))
        return move_early(OURO_ENTRY_REALLOC, old, size, &here);
    record_realloc_begin(&r, old, &here);
    void *block = real()->realloc(old, size);
    record_realloc_end(&r, outcome(block, size, OURO_REALLOC_END), old, block,
                       size, &here);
    return block;
}

EXPORT void *reallocarray(void *old, size_t n, size_t size)
{
    const struct stack_here here = STACK_HERE();
    struct record_realloc r;
    size_t bytes;
    if (real_is_inner(here.ip))
        return real()->reallocarray(old, n, size);
    if (__builtin_mul_overflow(n, size, &bytes))
        bytes = SIZE_MAX; /* the real one says so, as a failure */
    if (!old)
        return given(OURO_ENTRY_REALLOCARRAY,
                     real()->reallocarray(NULL, n, size), bytes, &here);
    if (real_is_early(old))
        return move_early(OURO_ENTRY_REALLOCARRAY, old, bytes, &here);
    record_realloc_begin(&r, old, &here);
    void *block = real()->reallocarray(old, n, size);
    record_realloc_end(&r, outcome(block, bytes, OURO_REALLOC_END_ARRAY), old,
                       block, bytes, &here);
    return block;
}
