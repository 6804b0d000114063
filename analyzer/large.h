/* SPDX-License-Identifier: MIT */
/*
 * large.h - arrays that grow, in large pages once they are large
 *
 * Memory that is looked at all over costs a fault for each page of 4 KiB, and
 * its places are looked up again and again. From LARGE_LEAST bytes on an array
 * has a mapping of its own, at an address where the kernel may use pages of
 * 2 MiB. What the array gives back is told its bytes, so nothing stands before
 * it.
 */
#ifndef ANALYZER_LARGE_H
#define ANALYZER_LARGE_H

#include <stddef.h>

enum { LARGE_LEAST = 2 << 20 };

/* From `old` bytes (0: p is NULL) to n times `bytes`, which is not less; what
   is new is not zeroed. Ends the tool where there is no memory. */
void *large_grow(void *p, size_t old, size_t n, size_t bytes);
/* p may be NULL. */
void large_free(void *p, size_t bytes);

#endif
