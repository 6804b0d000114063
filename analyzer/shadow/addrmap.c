/* SPDX-License-Identifier: MIT */
#include "shadow/addrmap.h"

#include "arena.h"

#include <stdlib.h>

enum { LEAF_SHIFT = 10, ITEM_SHIFT = 4, EMPTY_LEAVES = 1 << 16 };

static struct place *place_of(const struct addrmap *m, uint32_t record)
{
    return slots_at(m->slots, record);
}

static unsigned item_of(uint64_t addr)
{
    return (unsigned)(addr >> ITEM_SHIFT) % LEAF_ITEMS;
}

void addrmap_init(struct addrmap *m, const struct slots *slots)
{
    *m = (struct addrmap){.slots = slots};
}

void addrmap_release(struct addrmap *m)
{
    table_release(&m->leaf_of);
    for (int i = 0; i < ADDRMAP_LEVELS; i++)
        table_release(&m->words[i]);
    free(m->leaves);
    free(m->free);
    addrmap_init(m, m->slots);
}

/* A leaf, or a word, has become non-empty: so have those above it. */
static void mark(struct addrmap *m, uint64_t number)
{
    for (int level = 0; level < ADDRMAP_LEVELS; level++) {
        const uint64_t bit = UINT64_C(1) << (number % 64);
        number /= 64;
        const uint64_t word = table_get(&m->words[level], number);
        table_set(&m->words[level], number, word | bit);
        if (word != 0)
            return;
    }
}

static void unmark(struct addrmap *m, uint64_t number)
{
    for (int level = 0; level < ADDRMAP_LEVELS; level++) {
        const uint64_t bit = UINT64_C(1) << (number % 64);
        number /= 64;
        const uint64_t word = table_get(&m->words[level], number) & ~bit;
        if (word != 0) {
            table_set(&m->words[level], number, word);
            return;
        }
        table_remove(&m->words[level], number);
    }
}

static uint32_t take_leaf(struct addrmap *m)
{
    if (m->n_free > 0)
        return m->free[--m->n_free];
    GROW(m->leaves, m->n_leaves, m->room);
    return m->n_leaves++;
}

/* Gives back the leaves that hold nothing but notes. */
static void sweep(struct addrmap *m)
{
    for (uint32_t i = 0; i < m->n_leaves; i++) {
        if (m->leaves[i].bits != 0 ||
            table_get(&m->leaf_of, m->leaves[i].number) != (uint64_t)i + 1)
            continue;
        table_remove(&m->leaf_of, m->leaves[i].number);
        GROW(m->free, m->n_free, m->free_room);
        m->free[m->n_free++] = i;
    }
    m->n_empty = 0;
}

static uint32_t make_leaf(struct addrmap *m, uint64_t number)
{
    const uint32_t alive = m->n_leaves - m->n_free - m->n_empty;
    if (m->n_empty > EMPTY_LEAVES && m->n_empty > alive)
        sweep(m);
    const uint32_t i = take_leaf(m);
    m->leaves[i] = (struct addrmap_leaf){.number = number, .age = m->age};
    m->n_empty++;
    table_set(&m->leaf_of, number, (uint64_t)i + 1);
    return i;
}

/* The leaf of that number, or OURO_NONE. */
static uint32_t leaf_at(const struct addrmap *m, uint64_t number)
{
    return (uint32_t)table_get(&m->leaf_of, number) - 1;
}

void addrmap_add(struct addrmap *m, uint32_t record)
{
    struct place *p = place_of(m, record);
    const uint64_t number = p->addr >> LEAF_SHIFT;
    const unsigned item = item_of(p->addr);
    uint32_t i = leaf_at(m, number);
    if (i == OURO_NONE)
        i = make_leaf(m, number);
    struct addrmap_leaf *leaf = &m->leaves[i];
    if (leaf->bits == 0) {
        m->n_empty--;
        mark(m, number);
    }
    const uint64_t bit = UINT64_C(1) << item;
    p->next = leaf->bits & bit ? leaf->item[item] : OURO_NONE;
    leaf->bits |= bit;
    leaf->item[item] = record;
}

/* What was forgotten goes before something new is noted beside it. */
static void refresh(const struct addrmap *m, struct addrmap_leaf *leaf)
{
    if (leaf->age == m->age)
        return;
    for (unsigned item = 0; item < LEAF_ITEMS; item++)
        if (!(leaf->bits >> item & 1))
            leaf->item[item] = 0;
    leaf->age = m->age;
}

void addrmap_remove(struct addrmap *m, uint32_t record, uint32_t note)
{
    const struct place *p = place_of(m, record);
    const uint64_t number = p->addr >> LEAF_SHIFT;
    const unsigned item = item_of(p->addr);
    struct addrmap_leaf *leaf = &m->leaves[leaf_at(m, number)];
    uint32_t *at = &leaf->item[item];
    while (*at != record)
        at = &place_of(m, *at)->next;
    *at = p->next;
    if (leaf->item[item] != OURO_NONE)
        return;
    refresh(m, leaf);
    leaf->item[item] = p->addr % (1 << ITEM_SHIFT) == 0 ? note : 0;
    leaf->bits &= ~(UINT64_C(1) << item);
    if (leaf->bits == 0) {
        m->n_empty++;
        unmark(m, number);
    }
}

void addrmap_forget_notes(struct addrmap *m)
{
    m->age++;
}

/* From `record` on, the first in its list that has this address. */
static uint32_t first_at(const struct addrmap *m, uint32_t record,
                         uint64_t addr)
{
    while (record != OURO_NONE && place_of(m, record)->addr != addr)
        record = place_of(m, record)->next;
    return record;
}

uint32_t addrmap_at(const struct addrmap *m, uint64_t addr)
{
    const uint32_t leaf = leaf_at(m, addr >> LEAF_SHIFT);
    const unsigned item = item_of(addr);
    if (leaf == OURO_NONE || !(m->leaves[leaf].bits >> item & 1))
        return OURO_NONE;
    return first_at(m, m->leaves[leaf].item[item], addr);
}

uint32_t addrmap_next_at(const struct addrmap *m, uint32_t record)
{
    const struct place *p = place_of(m, record);
    return first_at(m, p->next, p->addr);
}

uint32_t addrmap_note(const struct addrmap *m, uint64_t addr)
{
    const uint32_t leaf = leaf_at(m, addr >> LEAF_SHIFT);
    const unsigned item = item_of(addr);
    if (leaf == OURO_NONE || m->leaves[leaf].bits >> item & 1 ||
        m->leaves[leaf].age != m->age)
        return 0;
    return m->leaves[leaf].item[item];
}

/* Of the records in the list that begins with `first`, the one with the
   greatest address <= addr. */
static uint32_t greatest(const struct addrmap *m, uint32_t first, uint64_t addr)
{
    uint32_t best = OURO_NONE;
    for (uint32_t i = first; i != OURO_NONE; i = place_of(m, i)->next) {
        const uint64_t a = place_of(m, i)->addr;
        if (a <= addr && (best == OURO_NONE || a > place_of(m, best)->addr))
            best = i;
    }
    return best;
}

/* The bits below bit n. */
static uint64_t below(unsigned n)
{
    return (UINT64_C(1) << n) - 1;
}

static unsigned highest(uint64_t bits)
{
    return 63u - (unsigned)__builtin_clzll(bits);
}

static uint32_t last_of_leaf(const struct addrmap *m, uint64_t number)
{
    const struct addrmap_leaf *leaf = &m->leaves[leaf_at(m, number)];
    return greatest(m, leaf->item[highest(leaf->bits)], UINT64_MAX);
}

/* The last record of the nearest non-empty leaf before this one: up the tree
   until there is something to the left, and down along the right edge. */
static uint32_t before_leaf(const struct addrmap *m, uint64_t number)
{
    for (int level = 0; level < ADDRMAP_LEVELS; level++) {
        const unsigned bit = (unsigned)(number % 64);
        number /= 64;
        const uint64_t word = table_get(&m->words[level], number) & below(bit);
        if (word == 0)
            continue;
        number = number * 64 + highest(word);
        while (level-- > 0)
            number = number * 64 + highest(table_get(&m->words[level], number));
        return last_of_leaf(m, number);
    }
    return OURO_NONE;
}

uint32_t addrmap_below(const struct addrmap *m, uint64_t addr)
{
    const uint64_t number = addr >> LEAF_SHIFT;
    const uint32_t i = leaf_at(m, number);
    if (i != OURO_NONE) {
        const struct addrmap_leaf *leaf = &m->leaves[i];
        const unsigned item = item_of(addr);
        if (leaf->bits >> item & 1) {
            const uint32_t here = greatest(m, leaf->item[item], addr);
            if (here != OURO_NONE)
                return here;
        }
        const uint64_t bits = leaf->bits & below(item);
        if (bits != 0)
            return greatest(m, leaf->item[highest(bits)], UINT64_MAX);
    }
    return before_leaf(m, number);
}
