/* SPDX-License-Identifier: MIT */
/*
 * heap.h - what glibc's malloc would do: a guess
 *
 * It is told every allocation and free, in the order of the records, and keeps
 * the books that malloc keeps: caches of threads, fast bins, the unsorted bin,
 * small and large bins, the top of each arena; of 2.26 and later. So it can say
 * which address comes next. What it was not told (blocks from before the
 * recording), other allocators, and threads that took turns in another order
 * make it wrong; it then takes the address that it is told out of wherever it
 * thought that was, and goes on. Nothing is lost by that.
 *
 * Invariant: a block is in a list (next, before; `list`) where it is CACHED,
 * FAST or BINNED, and nowhere else. `below` and `above` are its neighbours in
 * memory where their ends meet; 0: not known.
 *
 * An allocation is heap_expect(), then heap_taken() with the address that it
 * was. Each costs a bounded number of steps, apart from those that an earlier
 * free has paid for.
 */
#ifndef ANALYZER_PACK_HEAP_H
#define ANALYZER_PACK_HEAP_H

#include "pack/known.h"

enum {
    HEAP_THREADS = 64,
    HEAP_CACHES = 64, /* of each */
    HEAP_ARENAS = 16,
    HEAP_BINS = 136, /* of each */
    HEAP_LISTS = HEAP_ARENAS * HEAP_BINS + HEAP_THREADS * HEAP_CACHES,
};

enum heap_call { HEAP_MALLOC, HEAP_CALLOC, HEAP_ALIGNED, HEAP_REALLOC };

struct heap_list {
    uint32_t first, last, n;
};

struct heap_arena {
    uint64_t key;
    uint64_t top,
        end;        /* of the last chunk: where its block would be, its end */
    uint32_t below; /* the top */
    uint32_t remainder;
    bool has_fast;
};

struct heap {
    struct known *known;
    struct heap_list *lists;
    struct heap_arena arenas[HEAP_ARENAS];
    uint8_t arena_of[HEAP_THREADS];
    uint32_t resized[HEAP_THREADS]; /* by a realloc that has not ended */
    uint64_t map_from, trim_from;   /* bytes */
    unsigned thread;                /* whose records these are */
    /* Expected: */
    uint32_t block;
    uint32_t units;
    enum heap_call call;
};

void heap_init(struct heap *h, struct known *known);
void heap_release(struct heap *h);

/* An address; 0: none. */
uint64_t heap_expect(struct heap *h, uint64_t size, enum heap_call call);
/* It was this one. */
void heap_taken(struct heap *h, uint32_t block);
void heap_given(struct heap *h, uint32_t block);
/* A realloc of it begins: what comes next with HEAP_REALLOC ends it. */
void heap_resize(struct heap *h, uint32_t block);

bool heap_is_listed(const struct known_block *k);
/* Blocks that it must not lose, and what they are called from now on. */
bool heap_keeps(const struct known_block *k);
void heap_rename(struct heap *h, const uint32_t *now);

#endif
