/* SPDX-License-Identifier: MIT */
/*
 * block_index.h - the innermost block at an address, fast
 *
 * Over blocks sorted by (address, depth). Where blocks are dense, 2 MiB of
 * addresses are a chunk that knows the first block of each of its pages; in
 * between a binary search does. A block that others lie in is found through
 * them: each knows the one before it that reaches beyond its start.
 *
 * A block of no bytes holds its start.
 */
#ifndef ANALYZER_SHADOW_BLOCK_INDEX_H
#define ANALYZER_SHADOW_BLOCK_INDEX_H

#include "shadow/shadow.h"
#include "shadow/table.h"

enum { CHUNK_PAGES = 512 };

struct block_chunk {
    uint32_t first[CHUNK_PAGES + 1]; /* block that begins in that page, or
                                        behind it */
};

struct block_index {
    const struct block *blocks;
    uint32_t n;
    uint16_t *in_page; /* by block: its address modulo 4096, so that the search
                          in a page touches little memory */
    uint32_t *around;  /* by block: the one that it lies in, or OURO_NONE; NULL:
                          none lies in another */
    struct table chunk_of; /* address / 2 MiB -> chunk + 1 */
    struct block_chunk *chunks;
    uint32_t n_chunks, room;
    uint64_t end; /* no block reaches beyond it */
};

void block_index_make(struct block_index *x, const struct block *blocks,
                      uint32_t n);
void block_index_release(struct block_index *x);

static inline bool block_holds(const struct block *b, uint64_t addr)
{
    return addr - b->addr < (b->size ? b->size : 1);
}

static inline uint32_t block_index_around(const struct block_index *x,
                                          uint32_t block)
{
    return x->around ? x->around[block] : OURO_NONE;
}

/* How many blocks begin at or before the address. */
uint32_t block_index_up_to(const struct block_index *x, uint64_t addr);
/* The innermost block that holds the address, or OURO_NONE. *start: it begins
   there. */
uint32_t block_index_find(const struct block_index *x, uint64_t addr,
                          bool *start);
uint32_t block_index_holding(const struct block_index *x, uint64_t addr);

/*
 * The block that a word lies in with all its bytes, for words that ascend.
 * A cursor begins with 0.
 */
uint32_t block_index_of_word(const struct block_index *x, uint32_t *cursor,
                             uint64_t at);

#endif
