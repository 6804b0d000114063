/* SPDX-License-Identifier: MIT */
/*
 * addresses.h - which address comes next, from what the allocator did before
 *
 * Allocators take what was freed last, or go on behind what they gave last;
 * programs free what they allocated last, or in the order in which they
 * allocated. So an address is a symbol: 0 the same guess as the last time at
 * this place in the program (tokens_place), k + 1 guess number k; else it was
 * not expected (FAR), and a column has it: twice the 16s that it is further
 * than another, + 1 where a remainder follows.
 *
 * TAKEN: 0 what the heap would give (heap.h); 1 freed last among those of this
 * size; 2 behind the block allocated last; 3 freed last. FAR: from the address
 * taken last.
 *
 * GIVEN: 0, 1 allocated just after, just before the one freed last; 2 as many
 * allocations from it as the last time after two such steps; 3, 4 as the last
 * time when a table of blocks like these was gone through; 5 .. 12 allocated
 * last, 2nd last... FAR: the step in the numbering of allocations; FAR - 1:
 * from the address freed last.
 *
 * A table is often gone through in the same order again (hashes: as their keys
 * fall) though its blocks are others, at other addresses. So blocks have a
 * second number: how many were allocated by the same innermost frames before,
 * at their birthplace. Where a free LANDS far from the one before, it is told
 * which one it followed; where steps between such numbers come again, how much
 * larger the numbers are this time is the lag of that birthplace.
 *
 * MEANT: 0, 1, 2 the last ones of this kind; 3 taken last; 4 freed last. FAR:
 * from the last one.
 *
 * Invariant: a block that is live is in the list of live ones, in order of
 * allocation; one that is not, and was, in the list of the free ones of its
 * size, in order of release. What the lists are is a guess: nothing is lost
 * where they are wrong.
 */
#ifndef ANALYZER_PACK_ADDRESSES_H
#define ANALYZER_PACK_ADDRESSES_H

#include "pack/columns.h"
#include "pack/heap.h"

/*
 * Blocks that were freed are known as long as there is room: where a chunk
 * begins with more than ADDRESSES_MANY, all but those live and the
 * ADDRESSES_RECENT that were freed last are forgotten.
 */
enum { ADDRESSES_MANY = 12 << 20, ADDRESSES_RECENT = 1 << 20 };

struct addresses_size;

struct addresses_birth {
    uint16_t place;
    uint32_t nth;
};

struct addresses {
    struct known known; /* 0 is none, and the list of live ones */
    struct heap heap;
    struct addresses_size *sizes;
    uint32_t n_numbers;  /* a power of two: room of by_serial, by_birth */
    uint32_t *by_serial; /* block, by the end of its allocation's number */
    uint8_t *guesses;    /* by place: guess + 1; 0 none yet */
    uint32_t serial;     /* allocations so far */
    uint32_t releases;   /* ... and frees */
    uint32_t taken, given;
    uint32_t size; /* index of the one that is taken */
    uint32_t given_newer, given_older;
    uint32_t given_serial;
    uint32_t given_step[2]; /* between the numbers of the last ones */
    uint32_t *next_step;    /* by those */
    uint16_t birthplace;    /* of the next allocation */
    uint32_t *births;       /* so far, by birthplace */
    uint32_t *by_birth;     /* block */
    struct addresses_birth landed, *followed_by;
    uint32_t *lags, *stepped;
    uint32_t lag_seen; /* the last time; twice is no chance */
    uint64_t end;      /* of the block taken last */
    uint64_t meant[3];
};

void addresses_init(struct addresses *a);
void addresses_release(struct addresses *a);

/* Codes the address that an allocation of `size` bytes gives, that a free
   gives back, or of an object. Returns it. */
uint64_t addresses_taken(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr, uint64_t size, enum heap_call call);
uint64_t addresses_given(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr, bool is_resized);
uint64_t addresses_meant(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr);

/* What an allocator spends on a block, and its list of free ones. */
uint64_t addresses_spent(uint64_t size);
uint32_t addresses_size_index(uint64_t size);

/* Where a chunk begins. */
void addresses_forget(struct addresses *a);

/* Is there a block, allocated and not freed? */
bool addresses_is_live(const struct addresses *a, uint64_t addr);

#endif
