/* SPDX-License-Identifier: MIT */
/*
 * operator.c - C++'s operators new and delete, by their mangled names
 *
 * Each is forwarded to the next definition of its own, so that new_handler,
 * bad_alloc and a program's own operators do what they would. bad_alloc passes
 * through these frames: nothing is held while the real operator runs. Where the
 * process has no definition (nobody could have called one), new answers NULL.
 */
#include "export.h"
#include "real.h"
#include "record.h"

#include <stdlib.h>

static inline void *given(int entry, void *block, size_t size,
                          const struct stack_here *here)
{
    if (__builtin_expect(block != NULL, 1) && !real_is_inner(here->ip))
        record_new_end(entry, block, size, here);
    return block;
}

static inline struct thread_going taken(const void *block,
                                        const struct stack_here *here)
{
    if (block && !real_is_inner(here->ip))
        return record_delete_begin(block, here);
    return shim_visitor.going;
}

/* A definition under the C name `name`, with the parameters in `declared`, and
   passed on as `passed`. */
#define NEW(name, mangled, entry, which, declared, passed)                     \
    EXPORT void *name declared __asm__(mangled);                               \
    EXPORT void *name declared                                                 \
    {                                                                          \
        const struct stack_here here = STACK_HERE();                           \
        __typeof__(name) *next;                                                \
        *(void **)&next = real_operator(which, here.ip);                       \
        record_new_begin();                                                    \
        return given(entry, next ? next passed : NULL, size, &here);           \
    }

#define DELETE(name, mangled, which, declared, passed)                         \
    EXPORT void name declared __asm__(mangled);                                \
    EXPORT void name declared                                                  \
    {                                                                          \
        const struct stack_here here = STACK_HERE();                           \
        __typeof__(name) *next;                                                \
        *(void **)&next = real_operator(which, here.ip);                       \
        const struct thread_going outer = taken(block, &here);                 \
        if (next)                                                              \
            next passed;                                                       \
        record_delete_end(outer);                                              \
    }

NEW(new_one, "_Znwm", OURO_ENTRY_NEW, REAL_NEW, (size_t size), (size))
NEW(new_array, "_Znam", OURO_ENTRY_NEW_ARRAY, REAL_NEW_ARRAY, (size_t size),
    (size))
NEW(new_nothrow, "_ZnwmRKSt9nothrow_t", OURO_ENTRY_NEW_NOTHROW,
    REAL_NEW_NOTHROW, (size_t size, const void *nothrow), (size, nothrow))
NEW(new_array_nothrow, "_ZnamRKSt9nothrow_t", OURO_ENTRY_NEW_ARRAY_NOTHROW,
    REAL_NEW_ARRAY_NOTHROW, (size_t size, const void *nothrow), (size, nothrow))
NEW(new_aligned, "_ZnwmSt11align_val_t", OURO_ENTRY_NEW_ALIGNED,
    REAL_NEW_ALIGNED, (size_t size, size_t alignment), (size, alignment))
NEW(new_array_aligned, "_ZnamSt11align_val_t", OURO_ENTRY_NEW_ARRAY_ALIGNED,
    REAL_NEW_ARRAY_ALIGNED, (size_t size, size_t alignment), (size, alignment))
NEW(new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t",
    OURO_ENTRY_NEW_ALIGNED_NOTHROW, REAL_NEW_ALIGNED_NOTHROW,
    (size_t size, size_t alignment, const void *nothrow),
    (size, alignment, nothrow))
NEW(new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t",
    OURO_ENTRY_NEW_ARRAY_ALIGNED_NOTHROW, REAL_NEW_ARRAY_ALIGNED_NOTHROW,
    (size_t size, size_t alignment, const void *nothrow),
    (size, alignment, nothrow))

DELETE(delete_one, "_ZdlPv", REAL_DELETE, (void *block), (block))
DELETE(delete_array, "_ZdaPv", REAL_DELETE_ARRAY, (void *block), (block))
DELETE(delete_nothrow, "_ZdlPvRKSt9nothrow_t", REAL_DELETE_NOTHROW,
       (void *block, const void *nothrow), (block, nothrow))
DELETE(delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", REAL_DELETE_ARRAY_NOTHROW,
       (void *block, const void *nothrow), (block, nothrow))
DELETE(delete_sized, "_ZdlPvm", REAL_DELETE_SIZED, (void *block, size_t size),
       (block, size))
DELETE(delete_array_sized, "_ZdaPvm", REAL_DELETE_ARRAY_SIZED,
       (void *block, size_t size), (block, size))
DELETE(delete_aligned, "_ZdlPvSt11align_val_t", REAL_DELETE_ALIGNED,
       (void *block, size_t alignment), (block, alignment))
DELETE(delete_array_aligned, "_ZdaPvSt11align_val_t", REAL_DELETE_ARRAY_ALIGNED,
       (void *block, size_t alignment), (block, alignment))
DELETE(delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t",
       REAL_DELETE_ALIGNED_NOTHROW,
       (void *block, size_t alignment, const void *nothrow),
       (block, alignment, nothrow))
DELETE(delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t",
       REAL_DELETE_ARRAY_ALIGNED_NOTHROW,
       (void *block, size_t alignment, const void *nothrow),
       (block, alignment, nothrow))
DELETE(delete_sized_aligned, "_ZdlPvmSt11align_val_t",
       REAL_DELETE_SIZED_ALIGNED, (void *block, size_t size, size_t alignment),
       (block, size, alignment))
DELETE(delete_array_sized_aligned, "_ZdaPvmSt11align_val_t",
       REAL_DELETE_ARRAY_SIZED_ALIGNED,
       (void *block, size_t size, size_t alignment), (block, size, alignment))
