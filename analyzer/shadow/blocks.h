/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - the blocks that are alive while a trace is replayed
 *
 * Blocks of the allocator do not overlap in a good trace; elements of pools lie
 * inside blocks, or elements, or in memory that no block holds. What is special
 * about a block (it is an element, holds elements, is owned, has references
 * written in it though no object lives there) stands in its `extra`, which most
 * blocks do not have.
 */
#ifndef ANALYZER_SHADOW_BLOCKS_H
#define ANALYZER_SHADOW_BLOCKS_H

#include "shadow/addrmap.h"

enum block_flags {
    BLOCK_INHERITED = 1,
    BLOCK_IGNORED = 2,
    BLOCK_ELEMENT = 4, /* of a pool */
    BLOCK_AWAY = 8,    /* between REALLOC_BEGIN and its end: has no address */
};

struct live_block {
    struct place place;
    uint64_t size, stamp;
    uint32_t stack;
    uint32_t object; /* the first of those that live in it */
    uint32_t extra;
    uint8_t entry; /* enum ouro_entry */
    uint8_t flags;
    uint8_t depth; /* how many blocks it lies inside of */
};

struct block_extra {
    uint32_t state; /* slots.h */
    uint32_t block;
    uint32_t parent;  /* the block it lies in */
    uint32_t element; /* extra of the first element inside */
    uint32_t owner;   /* object */
    uint32_t holder;  /* of references written in it; links.h */
    uint32_t pool;
    uint32_t stranger;     /* the first of oddities.h, or OURO_NONE */
    struct chain elements; /* of its parent */
    struct chain in_pool;
    struct chain owned;   /* by its owner */
    struct chain written; /* the same, of those that have a holder */
};

/* An announced pool. */
struct pool {
    uint32_t state; /* slots.h */
    uint32_t element;
    uint64_t handle;
};

enum { MAX_DEPTH = 16 };

struct blocks {
    struct slots slots, extras, pools;
    struct addrmap map;
    struct table pool_of;               /* handle -> pool + 1 */
    uint64_t lowest, end;               /* no block was ever outside of these */
    uint64_t orphan_lowest, orphan_end; /* nor an element that is in no block */
};

void blocks_init(struct blocks *b);
void blocks_release(struct blocks *b);

static inline struct live_block *blocks_get(const struct blocks *b, uint32_t i)
{
    return (struct live_block *)b->slots.at + i;
}

static inline struct block_extra *blocks_extra(const struct blocks *b,
                                               uint32_t i)
{
    return slots_at(&b->extras, i);
}

/* Of those at one address, from block i on (or OURO_NONE), the first that is an
   element (BLOCK_ELEMENT), or none (0). */
uint32_t blocks_from(const struct blocks *b, uint32_t i, unsigned element);

/* The allocator's block that begins at addr; the pool element; or OURO_NONE. */
static inline uint32_t blocks_at(const struct blocks *b, uint64_t addr)
{
    const uint32_t i = addrmap_at(&b->map, addr);
    return i == OURO_NONE || !(blocks_get(b, i)->flags & BLOCK_ELEMENT)
               ? i
               : blocks_from(b, i, 0);
}
uint32_t blocks_element_at(const struct blocks *b, uint64_t addr);
/* The innermost block that holds addr. A block of no bytes holds its start. */
uint32_t blocks_holding(const struct blocks *b, uint64_t addr);

/* [*lowest, *end) comes to hold a block, or an element, too. */
static inline void blocks_widen(uint64_t *lowest, uint64_t *end, uint64_t addr,
                                uint64_t size)
{
    const uint64_t len = size ? size : 1;
    const uint64_t behind = addr > UINT64_MAX - len ? UINT64_MAX : addr + len;
    if (addr < *lowest)
        *lowest = addr;
    if (behind > *end)
        *end = behind;
}

uint32_t blocks_add(struct blocks *b, uint64_t addr, uint64_t size);
/* An element of a pool, innermost at addr; OURO_NONE where blocks are nested
   deeper than MAX_DEPTH. */
uint32_t blocks_add_element(struct blocks *b, uint32_t pool, uint64_t addr,
                            uint64_t size);
/* An element with an address in the block's range that lies in no block: it was
   there before the block. OURO_NONE: there is none. */
uint32_t blocks_orphan_in(const struct blocks *b, uint32_t block);
/* Takes it out of the address map, leaving a note, and puts it back. */
void blocks_hide(struct blocks *b, uint32_t i, uint32_t note);
void blocks_show(struct blocks *b, uint32_t i, uint64_t addr);
/* A hidden block, without owner, holder and elements, is no more; one that is
   not hidden, and has no extra, leaving a note. */
void blocks_drop(struct blocks *b, uint32_t i);
void blocks_drop_plain(struct blocks *b, uint32_t i, uint32_t note);

/* Its extra: made now, if need be; or OURO_NONE. */
struct block_extra *blocks_make_extra(struct blocks *b, uint32_t i);
static inline struct block_extra *blocks_extra_of(const struct blocks *b,
                                                  uint32_t i)
{
    const uint32_t x = blocks_get(b, i)->extra;
    return x == OURO_NONE ? NULL : blocks_extra(b, x);
}

/* The pool with that handle, or OURO_NONE. */
uint32_t blocks_pool(const struct blocks *b, uint64_t handle);
uint32_t blocks_make_pool(struct blocks *b, uint64_t handle);
void blocks_drop_pool(struct blocks *b, uint32_t pool);

#endif
