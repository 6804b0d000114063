/* SPDX-License-Identifier: MIT */
/*
 * hash.h - hashing of numbers that a stranger chose
 *
 * A table that is filled from a file has a random seed, so that the file cannot
 * be made to collide in it. Nothing that is printed may depend on a hash.
 */
#ifndef ANALYZER_TRACE_HASH_H
#define ANALYZER_TRACE_HASH_H

#include <stdint.h>

/* Another one at each call. */
uint64_t hash_seed(void);

__extension__ typedef unsigned __int128 hash_product;

/* b has less than 64 bits, so that neither factor can be made 0. */
static inline uint64_t hash_pair(uint64_t seed, uint64_t a, uint32_t b)
{
    const hash_product product =
        (hash_product)(a ^ seed) * (b ^ 0x9e3779b97f4a7c15u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
