/* SPDX-License-Identifier: MIT */
/*
 * addresses_parts.h - what the files of addresses.h know of each other
 */
#ifndef ANALYZER_PACK_ADDRESSES_PARTS_H
#define ANALYZER_PACK_ADDRESSES_PARTS_H

#include "pack/addresses.h"

enum {
    ADDRESSES_FOLLOWED = 1 << 21,
    ADDRESSES_STEP_BITS = 20,
    ADDRESSES_FAR = 255,
};

struct addresses_size {
    uint32_t newest; /* free */
};

/* The k-th guess: an address, or the number of a block; 0: none. */
typedef uint64_t addresses_guess(const struct addresses *a, unsigned k);

/* Codes which of n guesses is right: k + 1 where it is guess k; more than n:
   none is. Packing: `symbol` is 0, or what there is no guess for. 0: fault. */
unsigned addresses_code_guess(struct addresses *a, struct columns *c,
                              enum column_name name, uint32_t place,
                              addresses_guess *guess, unsigned n,
                              uint64_t wanted, unsigned symbol);
/* The step from another address. */
uint64_t addresses_code_far(struct columns *c, enum column_name name,
                            uint64_t addr, uint64_t from);

/* It is allocated; free. */
void addresses_take(struct addresses *a, uint32_t block, uint64_t size);
void addresses_give(struct addresses *a, uint32_t block);

static inline uint64_t addresses_of(const struct addresses *a, uint32_t block)
{
    return a->known.at[block].addr;
}

static inline uint32_t *addresses_step_after(const struct addresses *a)
{
    const uint64_t steps = (uint64_t)a->given_step[0] << 32 | a->given_step[1];
    return &a->next_step[steps * 0x9e3779b97f4a7c15u >>
                         (64 - ADDRESSES_STEP_BITS)];
}

/* Neighbours stand together. */
static inline uint32_t addresses_birth_index(struct addresses_birth b)
{
    return b.place * 0x9e3779b1u + b.nth;
}

static inline uint32_t *addresses_by_serial(const struct addresses *a,
                                            uint32_t serial)
{
    return &a->by_serial[serial & (a->n_numbers - 1)];
}

static inline uint32_t *addresses_by_birth(const struct addresses *a,
                                           struct addresses_birth b)
{
    return &a->by_birth[addresses_birth_index(b) & (a->n_numbers - 1)];
}

static inline struct addresses_birth *addresses_followed_by(
    const struct addresses *a, struct addresses_birth b)
{
    return &a->followed_by[addresses_birth_index(b) & (ADDRESSES_FOLLOWED - 1)];
}

static inline struct addresses_birth addresses_birth(const struct addresses *a,
                                                     uint32_t block)
{
    const struct known_block *k = &a->known.at[block];
    return (struct addresses_birth){k->birthplace, k->nth};
}

#endif
