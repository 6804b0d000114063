/* SPDX-License-Identifier: MIT */
/*
 * sparse.h - a set of numbers that come in neighbourhoods
 *
 * One bit a number, in leaves of 4096, which are found by a hash; adding the
 * neighbour of the number before is a few instructions. Memory follows the
 * neighbourhoods that have a member, or had one.
 */
#ifndef ANALYZER_SHADOW_SPARSE_H
#define ANALYZER_SHADOW_SPARSE_H

#include "shadow/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPARSE_SHIFT = 12, SPARSE_WORDS = 64, SPARSE_NEAR = 16 };

struct sparse_leaf {
    uint64_t number; /* of its members / 4096 */
    uint64_t words[SPARSE_WORDS];
};

/* All zero is an empty set. */
struct sparse {
    struct table leaf_of; /* number -> leaf + 1 */
    struct sparse_leaf *leaves;
    uint32_t n, room;
    uint32_t near[SPARSE_NEAR]; /* 1 + a leaf that was added to, at its number
                                   modulo SPARSE_NEAR; 0: none */
    uint32_t *order;            /* leaves by number, once sealed */
};

void sparse_release(struct sparse *s);

/* The leaf of that number, made if need be. */
struct sparse_leaf *sparse_leaf(struct sparse *s, uint64_t number);

static inline void sparse_add(struct sparse *s, uint64_t i)
{
    const uint64_t number = i >> SPARSE_SHIFT;
    const uint32_t near = s->near[number % SPARSE_NEAR];
    struct sparse_leaf *leaf = near > 0 ? &s->leaves[near - 1] : NULL;
    if (!leaf || leaf->number != number)
        leaf = sparse_leaf(s, number);
    leaf->words[i / 64 % SPARSE_WORDS] |= UINT64_C(1) << (i % 64);
}

bool sparse_has(const struct sparse *s, uint64_t i);

/* Those in [from, end) are no members any more. */
void sparse_remove(struct sparse *s, uint64_t from, uint64_t end);

/* No more members come, and the next can be asked for. */
void sparse_seal(struct sparse *s);
/* The first member in [from, end), or end. */
uint64_t sparse_next(const struct sparse *s, uint64_t from, uint64_t end);

#endif
