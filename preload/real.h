/* SPDX-License-Identifier: MIT */
/*
 * real.h - the definitions that the process would have used without us
 *
 * Each entry point is forwarded to the next definition of the same name, found
 * once with dlsym(RTLD_NEXT) and published with release order. dlsym may
 * allocate: until it has answered, the thread that asks lives from a pool of
 * 64 KiB (then from pages of its own), whose blocks are never given back and
 * are told by their address for ever.
 *
 * Operators new and delete may come into the process later than we do, with a
 * plugin that brings its own libstdc++, out of RTLD_NEXT's sight, and go again
 * with it: they are looked for in every loaded module, for each caller when it
 * first calls, and forgotten when one may have gone.
 *
 * Which of nested entry points counts: the outermost. A call from our own text
 * (the real operator delete jumped to free) or from the very function that we
 * forwarded to (operator new calls malloc) is an inner one, and real_is_inner
 * says so. A new_handler that runs inside operator new is not.
 */
#ifndef PRELOAD_REAL_H
#define PRELOAD_REAL_H

#include "hot.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct real {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    void (*free_sized)(void *, size_t);
    void (*free_aligned_sized)(void *, size_t, size_t);
    int (*dlclose)(void *);
};

/* Every operator new and delete: its name here, and its mangled name (where
   size_t is unsigned long). */
#define REAL_OPERATORS(X)                                                      \
    X(NEW, "_Znwm")                                                            \
    X(NEW_ARRAY, "_Znam")                                                      \
    X(NEW_NOTHROW, "_ZnwmRKSt9nothrow_t")                                      \
    X(NEW_ARRAY_NOTHROW, "_ZnamRKSt9nothrow_t")                                \
    X(NEW_ALIGNED, "_ZnwmSt11align_val_t")                                     \
    X(NEW_ARRAY_ALIGNED, "_ZnamSt11align_val_t")                               \
    X(NEW_ALIGNED_NOTHROW, "_ZnwmSt11align_val_tRKSt9nothrow_t")               \
    X(NEW_ARRAY_ALIGNED_NOTHROW, "_ZnamSt11align_val_tRKSt9nothrow_t")         \
    X(DELETE, "_ZdlPv")                                                        \
    X(DELETE_ARRAY, "_ZdaPv")                                                  \
    X(DELETE_NOTHROW, "_ZdlPvRKSt9nothrow_t")                                  \
    X(DELETE_ARRAY_NOTHROW, "_ZdaPvRKSt9nothrow_t")                            \
    X(DELETE_SIZED, "_ZdlPvm")                                                 \
    X(DELETE_ARRAY_SIZED, "_ZdaPvm")                                           \
    X(DELETE_ALIGNED, "_ZdlPvSt11align_val_t")                                 \
    X(DELETE_ARRAY_ALIGNED, "_ZdaPvSt11align_val_t")                           \
    X(DELETE_ALIGNED_NOTHROW, "_ZdlPvSt11align_val_tRKSt9nothrow_t")           \
    X(DELETE_ARRAY_ALIGNED_NOTHROW, "_ZdaPvSt11align_val_tRKSt9nothrow_t")     \
    X(DELETE_SIZED_ALIGNED, "_ZdlPvmSt11align_val_t")                          \
    X(DELETE_ARRAY_SIZED_ALIGNED, "_ZdaPvmSt11align_val_t")

enum real_operator {
#define REAL_OPERATOR(name, mangled) REAL_##name,
    REAL_OPERATORS(REAL_OPERATOR)
#undef REAL_OPERATOR
        REAL_N_OPERATORS
};

extern HOT struct real shim_real;
extern HOT atomic_bool shim_real_known;

/* The slow half of real(). */
const struct real *real_find(void);

static inline const struct real *real(void)
{
    if (__builtin_expect(
            atomic_load_explicit(&shim_real_known, memory_order_acquire), 1))
        return &shim_real;
    return real_find();
}

/* The next definition, for a caller at that address; NULL: there is none in the
   process. */
void *real_operator(enum real_operator which, uintptr_t caller);

/* Looks for all of them now, while nobody waits for the loader: what is there
   at the start stays, and is everyone's. */
void real_start_operators(void);

/* After dlclose: what came later may be gone. */
void real_forget_late(void);

enum { REAL_POOL = 64 * 1024, REAL_POOL_MORE = 64 * 1024 * 1024 };
extern unsigned char shim_pool[REAL_POOL];
extern HOT _Atomic uintptr_t shim_pool_more; /* where further pages begin; 0 */

/* Is p a block of the pool? It is not freed. */
static inline bool real_is_early(const void *p)
{
    const uintptr_t at = (uintptr_t)p;
    const uintptr_t more =
        atomic_load_explicit(&shim_pool_more, memory_order_relaxed);
    return __builtin_expect(at - (uintptr_t)shim_pool < REAL_POOL, 0) ||
           __builtin_expect(more && at - more < REAL_POOL_MORE, 0);
}

/* How many bytes an early block has; an early block. */
size_t real_early_size(const void *p);
void *real_early_alloc(size_t alignment, size_t size);

/* Where functions that we forward to stand: [start, end) of their texts. */
struct real_texts {
    uintptr_t start, end; /* around all of them */
};
extern HOT struct real_texts shim_family;
extern HOT struct real_texts shim_operators;

/* Is ip in one of the functions that we forward to? */
bool real_is_forwarded(uintptr_t ip);

/* The linker's names for our own text. */
extern const char shim_text_start[] __asm__("__ehdr_start")
    __attribute__((visibility("hidden")));
extern const char shim_text_end[] __asm__("etext")
    __attribute__((visibility("hidden")));

static inline bool real_is_inner(uintptr_t ip)
{
    const uintptr_t ours = (uintptr_t)shim_text_start;
    const uintptr_t n_ours = (uintptr_t)shim_text_end - ours;
    if (__builtin_expect(ip - ours < n_ours, 0))
        return true;
    if (__builtin_expect(
            ip - shim_family.start >= shim_family.end - shim_family.start, 1) &&
        __builtin_expect(ip - shim_operators.start >=
                             shim_operators.end - shim_operators.start,
                         1))
        return false;
    return real_is_forwarded(ip);
}

/* In the module that realloc was forwarded to? A wrapper's realloc that calls
   malloc is its own business. */
bool real_is_reallocs(uintptr_t ip);

#endif
