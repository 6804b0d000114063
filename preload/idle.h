/* SPDX-License-Identifier: MIT */
/*
 * idle.h - which pages of a heap hold nothing but what was freed
 *
 * By cells of a page or some pages. Pieces that its allocator has back are
 * added in any order, and a cell that they fill to the last byte is idle.
 * Pieces that overlap are those of a damaged heap: then nothing is.
 */
#ifndef PRELOAD_IDLE_H
#define PRELOAD_IDLE_H

#include "ranges.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IDLE_CELLS = 256 * 1024, IDLE_UNIT = 8 };

struct idle {
    struct range heap;
    unsigned shift; /* a cell has 1 << shift bytes */
    bool is_damaged;
    uint16_t filled[IDLE_CELLS]; /* 0: its pages are not all there; else 1, and
                                    1 for each unit that is free */
};

/* All zero so far. Of page-aligned memory; longer than there can be cells for:
   none of it is known. */
void idle_begin(struct idle *i, struct range heap, uintptr_t page);

/* These pages are there. */
void idle_there(struct idle *i, struct range run);

static inline bool idle_is_there(const struct idle *i, uintptr_t at)
{
    return at - i->heap.start < i->heap.end - i->heap.start &&
           i->filled[(at - i->heap.start) >> i->shift] != 0;
}

/* A free piece inside the heap, in whole units. False: the heap is damaged. */
static inline bool idle_add(struct idle *i, uintptr_t at, size_t len)
{
    const uintptr_t cell = (uintptr_t)1 << i->shift;
    uint16_t *filled = &i->filled[(at - i->heap.start) >> i->shift];
    size_t part = cell - ((at - i->heap.start) & (cell - 1));
    for (; len > 0; filled++) {
        part = part < len ? part : len;
        const size_t units = *filled != 0 ? *filled + part / IDLE_UNIT : 0;
        if (units > 1 + cell / IDLE_UNIT)
            i->is_damaged = true;
        *filled = (uint16_t)units;
        len -= part;
        part = cell;
    }
    return !i->is_damaged;
}

/* The first part of a range that is not idle, or is not of the heap. False:
   all of it is. */
bool idle_next(const struct idle *i, struct range in, struct range *busy);

#endif
