/* SPDX-License-Identifier: MIT */
#include "shadow/sparse.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

void sparse_release(struct sparse *s)
{
    table_release(&s->leaf_of);
    free(s->leaves);
    free(s->order);
    *s = (struct sparse){0};
}

struct sparse_leaf *sparse_leaf(struct sparse *s, uint64_t number)
{
    const uint64_t known = table_get(&s->leaf_of, number);
    uint32_t *near = &s->near[number % SPARSE_NEAR];
    if (known) {
        *near = (uint32_t)known;
        return &s->leaves[known - 1];
    }
    GROW(s->leaves, s->n, s->room);
    struct sparse_leaf *leaf = &s->leaves[s->n++];
    *leaf = (struct sparse_leaf){.number = number};
    *near = s->n;
    table_set(&s->leaf_of, number, s->n);
    return leaf;
}

bool sparse_has(const struct sparse *s, uint64_t i)
{
    const uint64_t known = table_get(&s->leaf_of, i >> SPARSE_SHIFT);
    return known &&
           s->leaves[known - 1].words[i / 64 % SPARSE_WORDS] >> (i % 64) & 1;
}

/* The bits of word w of the leaf that are in [from, end). */
static uint64_t bits_in(uint64_t first, uint64_t from, uint64_t end)
{
    uint64_t bits = UINT64_MAX;
    if (from > first)
        bits = from - first < 64 ? bits << (from - first) : 0;
    if (end <= first)
        return 0;
    return end - first < 64 ? bits & ((UINT64_C(1) << (end - first)) - 1)
                            : bits;
}

static void remove_in_leaf(struct sparse_leaf *leaf, uint64_t from,
                           uint64_t end)
{
    uint64_t first = leaf->number << SPARSE_SHIFT;
    for (int w = 0; w < SPARSE_WORDS; w++, first += 64)
        leaf->words[w] &= ~bits_in(first, from, end);
}

void sparse_remove(struct sparse *s, uint64_t from, uint64_t end)
{
    if (from >= end)
        return;
    const uint64_t last = (end - 1) >> SPARSE_SHIFT;
    for (uint64_t number = from >> SPARSE_SHIFT; number <= last; number++) {
        const uint64_t known = table_get(&s->leaf_of, number);
        if (known)
            remove_in_leaf(&s->leaves[known - 1], from, end);
    }
}

static int by_number(const void *a, const void *b, void *of)
{
    const struct sparse_leaf *leaves = of;
    const uint64_t x = leaves[*(const uint32_t *)a].number;
    const uint64_t y = leaves[*(const uint32_t *)b].number;
    return (x > y) - (x < y);
}

void sparse_seal(struct sparse *s)
{
    s->order = must_realloc(s->order, s->n, sizeof *s->order);
    for (uint32_t i = 0; i < s->n; i++)
        s->order[i] = i;
    if (s->n > 0)
        qsort_r(s->order, s->n, sizeof *s->order, by_number, s->leaves);
}

/* How many leaves come before the one of that number. */
static uint32_t n_before(const struct sparse *s, uint64_t number)
{
    uint32_t low = 0;
    uint32_t high = s->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (s->leaves[s->order[middle]].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t sparse_next(const struct sparse *s, uint64_t from, uint64_t end)
{
    for (uint32_t i = n_before(s, from >> SPARSE_SHIFT); i < s->n; i++) {
        const struct sparse_leaf *leaf = &s->leaves[s->order[i]];
        uint64_t first = leaf->number << SPARSE_SHIFT;
        if (first >= end)
            break;
        for (int w = 0; w < SPARSE_WORDS; w++, first += 64) {
            const uint64_t bits = leaf->words[w] & bits_in(first, from, end);
            if (bits)
                return first + (unsigned)__builtin_ctzll(bits);
        }
    }
    return end;
}
