/* SPDX-License-Identifier: MIT */
/*
 * store.h - memory of the guest's own that is never given back
 *
 * For what only grows with the host's libraries: it comes from the kernel by
 * the block, and a page counts once it is touched.
 */
#ifndef PRELOAD_STORE_H
#define PRELOAD_STORE_H

#include <stddef.h>

enum { STORE_BLOCK = 64 * 1024 };

/* n bytes (STORE_BLOCK / 2 at most), all zero, aligned for anything, for good;
   NULL: there is no memory. Lock-free, from a signal handler too. */
void *store_take(size_t n);

#endif
