/* SPDX-License-Identifier: MIT */
/*
 * caught.h - the blocks as they were at one moment of a replay that goes on
 *
 * A snapshot is of a moment before the end: its words are understood by the
 * blocks that were alive then. They are caught in the first pass, as it comes
 * to that stamp, and matched with those at the end.
 *
 * Pages that ever held a block are an allocator's. Blocks of 64 KiB and more
 * are left out of that (their pages are known while they live): an allocator
 * gives such pages back to the kernel, and the program may map its own memory
 * there.
 */
#ifndef ANALYZER_SHADOW_CAUGHT_H
#define ANALYZER_SHADOW_CAUGHT_H

#include "shadow/gc.h"
#include "shadow/sparse.h"
#include "trace/event.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PAGE_SHIFT = 12,
    PAGE_BYTES = 1 << PAGE_SHIFT,
    CAUGHT_LARGE = 64 << 10, /* bytes of a block */
};

struct block;
struct replay;
struct shadow;

/* All zero: nothing is to be caught. */
struct caught {
    bool wanted; /* and not done yet */
    bool done;
    uint64_t stamp; /* events up to this one count */
    uint32_t n_blocks;
    struct block *blocks; /* by (address, depth of nesting); object and owner:
                             OURO_NONE */
    uint32_t *now; /* its place in shadow.blocks at the end, or OURO_NONE:
                      it was freed since. Before: its slot */
    uint32_t n_objects;
    uint64_t *objects;   /* that begin inside blocks, but not at their start */
    struct sparse pages; /* address / 4096, of those that ever held a block */
};

/* `o` may be NULL. */
void caught_init(struct caught *c, const struct gc_options *o);
void caught_release(struct caught *c);

/* What an event says of pages that hold blocks; of an allocator's alone. */
void caught_note_pages(struct sparse *pages, const struct event *e);

/* A block of fewer bytes than CAUGHT_LARGE is handed out. */
static inline void caught_note_small(struct sparse *pages, uint64_t addr,
                                     uint64_t size)
{
    const uint64_t last = (addr + (size ? size - 1 : 0)) >> PAGE_SHIFT;
    uint64_t page = addr >> PAGE_SHIFT;
    sparse_add(pages, page);
    while (page < last)
        sparse_add(pages, ++page);
}

/* An event is about to be applied, and caught.wanted. */
void caught_event(struct replay *r, const struct event *e);
/* The moment has come. */
void caught_take(struct replay *r);
/* What is alive at the end is in `s`: by slot, `number` of its place there. */
void caught_match(struct caught *c, const struct shadow *s,
                  const uint32_t *number);

#endif
