/* SPDX-License-Identifier: MIT */
/*
 * aims.h - which addresses may point at something, at a glance
 *
 * Most words of a memory point at nothing that is alive. One bit for each page
 * that holds some of what can be pointed at, of pages 256 MiB apart the same
 * one: where it is not set, nothing is there; where it is, there may be.
 */
#ifndef ANALYZER_SHADOW_AIMS_H
#define ANALYZER_SHADOW_AIMS_H

#include <stdbool.h>
#include <stdint.h>

enum { AIMS_PAGE_SHIFT = 12, AIMS_WORDS = 1024, AIMS_PAGES = 64 * AIMS_WORDS };

/* All zero: nothing is there. */
struct aims {
    uint64_t n_more; /* pages behind the first of a piece, of all that were
                        added; too many: all bits are set */
    uint64_t bits[AIMS_WORDS];
};

/* [addr, addr + len) is there; where len is 0, its first byte. */
void aims_add(struct aims *a, uint64_t addr, uint64_t len);

static inline bool aims_may(const struct aims *a, uint64_t addr)
{
    const uint64_t page = addr >> AIMS_PAGE_SHIFT;
    return a->bits[page / 64 % AIMS_WORDS] >> (page % 64) & 1;
}

#endif
