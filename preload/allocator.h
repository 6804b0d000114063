/* SPDX-License-Identifier: MIT */
/*
 * allocator.h - whose the blocks are that the process gets
 */
#ifndef PRELOAD_ALLOCATOR_H
#define PRELOAD_ALLOCATOR_H

#include <stdint.h>

struct allocator {
    uintptr_t malloc; /* the function behind ours */
    /* Where the thread-local storage of its module lies, from each thread's
       pointer; 0, 0: not known, or the module is libc, or has none. */
    int64_t tls;
    uint64_t tls_len;
};

/* Once, before main: asks the loader. */
void allocator_start(void);

struct allocator allocator(void);

#endif
