/* SPDX-License-Identifier: MIT */
/*
 * layouts.h - the well-known layouts in which a pointer into the middle of a
 * block is what holds it
 *
 * As Memcheck's heuristics: each needs what stands at the block's start, which
 * is read in a first walk over the words.
 *   string   {length, capacity, count}, 24 bytes, before the characters
 *            (std::string's before C++11): pointed at behind them
 *   length   a length of 8 bytes before so many bytes
 *   array    new[]'s number of elements before so many of equal size
 *   class    multiple inheritance: what is pointed at, and the block itself,
 *            begin with an address in a module
 */
#ifndef ANALYZER_SHADOW_LAYOUTS_H
#define ANALYZER_SHADOW_LAYOUTS_H

#include "shadow/block_index.h"
#include "shadow/zones.h"

struct layouts {
    const struct block_index *x;
    const struct zones *z;
    unsigned char *may;    /* by block: which it may be */
    struct sparse classes; /* words / 8 inside of blocks that may be a class,
                              that are addresses in a module */
    uint32_t block; /* the one that is read; and what its first words hold: */
    uint64_t first, second;
};

void layouts_begin(struct layouts *l, const struct block_index *x,
                   const struct zones *z);
/* A word of that block; in ascending order. */
void layouts_read(struct layouts *l, uint32_t block, uint64_t at,
                  uint64_t value);
void layouts_end(struct layouts *l);
void layouts_release(struct layouts *l);

/* Is that address inside the block where a layout lets a pointer be? */
bool layouts_have(const struct layouts *l, uint32_t block, uint64_t addr);

#endif
