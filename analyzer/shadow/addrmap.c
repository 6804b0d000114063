/* SPDX-License-Identifier: MIT */
#include "shadow/addrmap.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

static struct place *record_get(const struct addrmap *m, uint32_t record)
{
    return slots_at(m->slots, record);
}

static struct addrmap_node *node_get(const struct addrmap *m, uint32_t i)
{
    return (struct addrmap_node *)m->nodes.at + i;
}

static struct addrmap_leaf *leaf_get(const struct addrmap *m, uint32_t i)
{
    return (struct addrmap_leaf *)m->leaves.at + i;
}

static unsigned item_of(uint64_t addr)
{
    return (unsigned)(addr >> ITEM_SHIFT) % LEAF_ITEMS;
}

/* Which leaf of its node. */
static unsigned place_in_node(uint64_t number)
{
    return (unsigned)number % NODE_LEAVES;
}

void addrmap_init(struct addrmap *m, const struct slots *slots)
{
    *m = (struct addrmap){
        .slots = slots,
        .words = must_calloc(ADDRMAP_LEVELS, sizeof *m->words),
    };
    slots_init(&m->nodes, sizeof(struct addrmap_node));
    slots_init(&m->leaves, sizeof(struct addrmap_leaf));
}

void addrmap_release(struct addrmap *m)
{
    table_release(&m->node_of);
    for (int i = 0; m->words && i < ADDRMAP_LEVELS; i++)
        table_release(&m->words[i]);
    free(m->words);
    slots_release(&m->nodes);
    slots_release(&m->leaves);
    *m = (struct addrmap){.slots = m->slots};
}

/* A leaf has become non-empty: so have those above it. */
static void mark(const struct addrmap *m, struct addrmap_leaf *leaf)
{
    struct addrmap_node *node = node_get(m, leaf->node);
    const uint64_t bits = node->bits;
    leaf->marked = 1;
    node->bits |= UINT64_C(1) << place_in_node(leaf->number);
    uint64_t number = node->number;
    uint64_t word = bits;
    for (int level = 0; word == 0 && level < ADDRMAP_LEVELS; level++) {
        const uint64_t bit = UINT64_C(1) << (number % 64);
        number /= 64;
        word = table_get(&m->words[level], number);
        table_set(&m->words[level], number, word | bit);
    }
}

/* An empty one is no more looked at. */
static void unmark(const struct addrmap *m, struct addrmap_leaf *leaf)
{
    struct addrmap_node *node = node_get(m, leaf->node);
    leaf->marked = 0;
    node->bits &= ~(UINT64_C(1) << place_in_node(leaf->number));
    uint64_t number = node->number;
    uint64_t word = node->bits;
    for (int level = 0; word == 0 && level < ADDRMAP_LEVELS; level++) {
        const uint64_t bit = UINT64_C(1) << (number % 64);
        number /= 64;
        word = table_get(&m->words[level], number) & ~bit;
        if (word != 0)
            table_set(&m->words[level], number, word);
        else
            table_remove(&m->words[level], number);
    }
}

/* Gives back the leaves that hold nothing but notes. */
static void sweep(struct addrmap *m)
{
    for (uint32_t i = 0; i < m->leaves.n; i++) {
        struct addrmap_leaf *leaf = leaf_get(m, i);
        if (!slots_is_live(&m->leaves, i) || leaf->bits != 0)
            continue;
        if (leaf->marked)
            unmark(m, leaf);
        struct addrmap_node *node = node_get(m, leaf->node);
        node->leaf[place_in_node(leaf->number)] = 0;
        if (--node->n == 0) {
            table_remove(&m->node_of, node->number);
            slots_give(&m->nodes, leaf->node);
        }
        leaf->number = UINT64_MAX;
        slots_give(&m->leaves, i);
    }
    m->n_empty = 0;
    memset(m->found_node, 0, sizeof m->found_node);
}

/* The node of that number, or OURO_NONE. */
static uint32_t node_at(const struct addrmap *m, uint64_t number)
{
    return (uint32_t)table_get(&m->node_of, number) - 1;
}

struct addrmap_leaf *addrmap_look_up(const struct addrmap *m, uint64_t addr)
{
    const uint64_t number = addr >> LEAF_SHIFT;
    const uint32_t node = node_at(m, number / NODE_LEAVES);
    const uint32_t i =
        node == OURO_NONE ? 0 : node_get(m, node)->leaf[place_in_node(number)];
    return i == 0 ? NULL : leaf_get(m, i - 1);
}

static uint32_t make_node(struct addrmap *m, uint64_t number)
{
    const uint32_t i = slots_take(&m->nodes);
    node_get(m, i)->number = number;
    table_set(&m->node_of, number, (uint64_t)i + 1);
    return i;
}

static struct addrmap_leaf *make_leaf(struct addrmap *m, uint64_t addr)
{
    const uint32_t alive = m->leaves.n_live - m->n_empty;
    if (m->n_empty > EMPTY_LEAVES && m->n_empty > alive)
        sweep(m);
    uint32_t node = node_at(m, addr >> NODE_SHIFT);
    if (node == OURO_NONE)
        node = make_node(m, addr >> NODE_SHIFT);
    const uint32_t i = slots_take(&m->leaves);
    struct addrmap_leaf *leaf = leaf_get(m, i);
    leaf->node = node & INT32_MAX;
    leaf->number = addr >> LEAF_SHIFT;
    leaf->age = m->age;
    m->n_empty++;
    m->found[leaf->number % ADDRMAP_FOUND] = i;
    node_get(m, node)->leaf[place_in_node(leaf->number)] = i + 1;
    node_get(m, node)->n++;
    return leaf;
}

void addrmap_add(struct addrmap *m, uint32_t record)
{
    struct place *p = record_get(m, record);
    const unsigned item = item_of(p->addr);
    struct addrmap_leaf *leaf = addrmap_leaf_at(m, p->addr);
    if (!leaf)
        leaf = make_leaf(m, p->addr);
    m->n_empty -= leaf->bits == 0;
    if (!leaf->marked)
        mark(m, leaf);
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
    const struct place *p = record_get(m, record);
    const unsigned item = item_of(p->addr);
    struct addrmap_leaf *leaf = addrmap_leaf_at(m, p->addr);
    uint32_t *at = &leaf->item[item];
    while (*at != record)
        at = &record_get(m, *at)->next;
    *at = p->next;
    if (leaf->item[item] != OURO_NONE)
        return;
    refresh(m, leaf);
    leaf->item[item] = p->addr % (1 << ITEM_SHIFT) == 0 ? note : 0;
    leaf->bits &= ~(UINT64_C(1) << item);
    m->n_empty += leaf->bits == 0;
}

void addrmap_forget_notes(struct addrmap *m)
{
    m->age++;
}

/* From `record` on, the first in its list that has this address. */
uint32_t addrmap_first_at(const struct addrmap *m, uint32_t record,
                          uint64_t addr)
{
    while (record != OURO_NONE && record_get(m, record)->addr != addr)
        record = record_get(m, record)->next;
    return record;
}

uint32_t addrmap_next_at(const struct addrmap *m, uint32_t record)
{
    const struct place *p = record_get(m, record);
    return addrmap_first_at(m, p->next, p->addr);
}

uint32_t addrmap_note(const struct addrmap *m, uint64_t addr)
{
    const struct addrmap_leaf *leaf = addrmap_leaf_at(m, addr);
    const unsigned item = item_of(addr);
    if (!leaf || leaf->bits >> item & 1 || leaf->age != m->age)
        return 0;
    return leaf->item[item];
}

/* Of the records in the list that begins with `first`, the one with the
   greatest address <= addr. */
static uint32_t greatest(const struct addrmap *m, uint32_t first, uint64_t addr)
{
    uint32_t best = OURO_NONE;
    for (uint32_t i = first; i != OURO_NONE; i = record_get(m, i)->next) {
        const uint64_t a = record_get(m, i)->addr;
        if (a <= addr && (best == OURO_NONE || a > record_get(m, best)->addr))
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

/* The last record in the leaves of that node that `below` is of, or OURO_NONE:
   those that are empty are met here. */
static uint32_t last_of(const struct addrmap *m, uint32_t node, uint64_t below)
{
    uint64_t bits;
    while ((bits = node_get(m, node)->bits & below) != 0) {
        struct addrmap_leaf *leaf =
            leaf_get(m, node_get(m, node)->leaf[highest(bits)] - 1);
        if (leaf->bits != 0)
            return greatest(m, leaf->item[highest(leaf->bits)], UINT64_MAX);
        unmark(m, leaf);
    }
    return OURO_NONE;
}

/* The nearest non-empty node before this one, or OURO_NONE: up the tree until
   there is something to the left, and down along the right edge. */
static uint32_t node_before(const struct addrmap *m, uint64_t number)
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
        return node_at(m, number);
    }
    return OURO_NONE;
}

/* The one with the greatest address <= addr in the leaf that holds addr. */
static uint32_t below_in_leaf(const struct addrmap *m, uint64_t addr)
{
    const struct addrmap_leaf *leaf = addrmap_leaf_at(m, addr);
    const unsigned item = item_of(addr);
    if (!leaf)
        return OURO_NONE;
    if (leaf->bits >> item & 1) {
        const uint32_t here = greatest(m, leaf->item[item], addr);
        if (here != OURO_NONE)
            return here;
    }
    const uint64_t bits = leaf->bits & below(item);
    return bits ? greatest(m, leaf->item[highest(bits)], UINT64_MAX)
                : OURO_NONE;
}

uint32_t addrmap_below(const struct addrmap *m, uint64_t addr)
{
    const uint32_t near = below_in_leaf(m, addr);
    if (near != OURO_NONE)
        return near;
    uint32_t node = node_at(m, addr >> NODE_SHIFT);
    uint32_t last = OURO_NONE;
    if (node != OURO_NONE)
        last = last_of(m, node, below(place_in_node(addr >> LEAF_SHIFT)));
    while (last == OURO_NONE &&
           (node = node_before(m, addr >> NODE_SHIFT)) != OURO_NONE)
        last = last_of(m, node, UINT64_MAX);
    return last;
}

void addrmap_expect(struct addrmap *m, uint64_t addr)
{
    const uint64_t number = addr >> NODE_SHIFT;
    struct addrmap_found *f = &m->found_node[number % ADDRMAP_NODES];
    if (f->number != number || f->node == 0)
        *f = (struct addrmap_found){number, node_at(m, number) + 1};
    if (f->node == 0)
        return;
    const unsigned place = place_in_node(addr >> LEAF_SHIFT);
    const uint32_t i = node_get(m, f->node - 1)->leaf[place];
    if (i == 0)
        return;
    m->found[(addr >> LEAF_SHIFT) % ADDRMAP_FOUND] = i - 1;
    const struct addrmap_leaf *leaf = leaf_get(m, i - 1);
    __builtin_prefetch(leaf, 1);
    __builtin_prefetch(&leaf->item[item_of(addr)], 1);
}

void addrmap_expect_record(const struct addrmap *m, uint64_t addr)
{
    const struct addrmap_leaf *leaf = addrmap_leaf_at(m, addr);
    if (addrmap_is_used(leaf, addr))
        slots_expect(m->slots, leaf->item[item_of(addr)]);
}

static bool leaf_is_valid(const struct addrmap *m, uint32_t i)
{
    const struct addrmap_leaf *leaf = leaf_get(m, i);
    if (leaf->node >= m->nodes.n || !slots_is_live(&m->nodes, leaf->node))
        return false;
    const struct addrmap_node *node = node_get(m, leaf->node);
    const unsigned place = place_in_node(leaf->number);
    return node->number == leaf->number / NODE_LEAVES &&
           node->leaf[place] == i + 1 &&
           (node->bits >> place & 1) == leaf->marked &&
           (leaf->bits == 0 || leaf->marked);
}

static bool node_is_valid(const struct addrmap *m, uint32_t i)
{
    const struct addrmap_node *node = node_get(m, i);
    if (node->n == 0 || node_at(m, node->number) != i)
        return false;
    uint64_t number = node->number;
    for (int level = 0; node->bits && level < ADDRMAP_LEVELS; level++) {
        const uint64_t word = table_get(&m->words[level], number / 64);
        if (!(word >> (number % 64) & 1))
            return false;
        number /= 64;
    }
    return true;
}

bool addrmap_is_valid(const struct addrmap *m)
{
    uint32_t n_empty = 0;
    for (uint32_t i = 0; i < m->leaves.n; i++) {
        if (!slots_is_live(&m->leaves, i)) {
            if (leaf_get(m, i)->number != UINT64_MAX)
                return false;
            continue;
        }
        if (!leaf_is_valid(m, i))
            return false;
        n_empty += leaf_get(m, i)->bits == 0;
    }
    for (uint32_t i = 0; i < m->nodes.n; i++)
        if (slots_is_live(&m->nodes, i) && !node_is_valid(m, i))
            return false;
    return n_empty == m->n_empty;
}
