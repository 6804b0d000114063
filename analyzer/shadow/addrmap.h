/* SPDX-License-Identifier: MIT */
/*
 * addrmap.h - which record lives at an address, and which is the next below
 *
 * The records are in a struct slots and begin with a struct place. Several may
 * have the same address; the one added last is found first.
 *
 * 1 KiB of addresses is a leaf: one number for each 16 bytes, the first of a
 * list of the records that begin there, and one bit that says so. 64 KiB are a
 * node: one number for each leaf, and one bit that says whether it has any.
 * Nodes are found by a hash, and what was found last by a glance. Above them is
 * a tree of 64-bit words, one bit for each child that is not empty, in the same
 * kind of hash: so the record below an address is found in constant time
 * whatever the distance, and no range of addresses costs anything until
 * something lives there. A leaf that has become empty stays marked until a
 * search meets it: the next block often comes to the same place.
 *
 * Where a record was removed a note can be left (its number is not 0), which
 * stays until something else comes to the same 16 bytes. Notes of regions where
 * nothing is alive may be forgotten when they grow too many.
 *
 * Invariants (addrmap_is_valid checks them):
 *   a node has at least one leaf; a leaf that has none of its bits set is one
 *   of n_empty, and those are given back before they are more than EMPTY_LEAVES
 *   and than the others;
 *   a leaf that has a bit set is marked; the bit of a node is set where the
 * leaf is marked, and that of a word where the child has a bit set.
 */
#ifndef ANALYZER_SHADOW_ADDRMAP_H
#define ANALYZER_SHADOW_ADDRMAP_H

#include "shadow/slots.h"
#include "shadow/table.h"

/* What records in an address map begin with. */
struct place {
    uint32_t state; /* slots.h */
    uint32_t next;  /* in the same 16 bytes, or OURO_NONE */
    uint64_t addr;
};

enum {
    NODE_SHIFT = 16,
    LEAF_SHIFT = 10,
    ITEM_SHIFT = 4,
    LEAF_ITEMS = 64,
    NODE_LEAVES = 64,
    ADDRMAP_LEVELS = 8, /* 48 bits of node number, six at a time */
    ADDRMAP_FOUND = 1024,
    ADDRMAP_NODES = 64,
    EMPTY_LEAVES = 1 << 16,
};

struct addrmap_leaf {
    uint32_t state;            /* slots.h */
    uint32_t node : 31;        /* that it is of */
    uint32_t marked : 1;       /* in that node's bits */
    uint64_t number;           /* address / 1024; none has, when not live */
    uint64_t bits;             /* which item[] are the first of a list; the
                                  others are notes, or 0 */
    uint64_t age;              /* when its notes were left; others' are void */
    uint32_t item[LEAF_ITEMS]; /* of 16 bytes each */
};

struct addrmap_node {
    uint32_t state;             /* slots.h */
    uint32_t n;                 /* leaves */
    uint64_t number;            /* address / 64 KiB */
    uint64_t bits;              /* which leaf[] are marked */
    uint32_t leaf[NODE_LEAVES]; /* of 1 KiB each: + 1; 0: none */
};

/* A node that was found, at its number % ADDRMAP_NODES. */
struct addrmap_found {
    uint64_t number;
    uint32_t node; /* + 1; 0: none */
};

struct addrmap {
    const struct slots *slots;
    struct slots nodes, leaves;
    struct table node_of;          /* number -> node + 1 */
    uint32_t n_empty;              /* leaves with no bit set */
    uint64_t age;                  /* how often all notes were forgotten */
    struct table *words;           /* by level; searches tidy them up */
    uint32_t found[ADDRMAP_FOUND]; /* a leaf that may have that number, modulo
                                      ADDRMAP_FOUND */
    struct addrmap_found found_node[ADDRMAP_NODES];
};

void addrmap_init(struct addrmap *m, const struct slots *slots);
void addrmap_release(struct addrmap *m);

/* The record's address is that in its struct place. */
void addrmap_add(struct addrmap *m, uint32_t record);
void addrmap_remove(struct addrmap *m, uint32_t record, uint32_t note);
void addrmap_forget_notes(struct addrmap *m);

/* The leaf that holds addr, or NULL; the same by way of its node. */
struct addrmap_leaf *addrmap_look_up(const struct addrmap *m, uint64_t addr);
static inline struct addrmap_leaf *addrmap_leaf_at(const struct addrmap *m,
                                                   uint64_t addr)
{
    const uint64_t number = addr >> LEAF_SHIFT;
    const uint32_t near = m->found[number % ADDRMAP_FOUND];
    if (near < m->leaves.n) {
        struct addrmap_leaf *leaf = (struct addrmap_leaf *)m->leaves.at + near;
        if (leaf->number == number)
            return leaf;
    }
    return addrmap_look_up(m, addr);
}

/* Does any record begin in the 16 bytes that hold addr? */
static inline bool addrmap_is_used(const struct addrmap_leaf *leaf,
                                   uint64_t addr)
{
    return leaf && leaf->bits >> (addr >> ITEM_SHIFT) % LEAF_ITEMS & 1;
}

/* The record at exactly this address, or OURO_NONE; the next is the next in
   its list that has the same address. */
uint32_t addrmap_first_at(const struct addrmap *m, uint32_t record,
                          uint64_t addr);
static inline uint32_t addrmap_at(const struct addrmap *m, uint64_t addr)
{
    const struct addrmap_leaf *leaf = addrmap_leaf_at(m, addr);
    if (!addrmap_is_used(leaf, addr))
        return OURO_NONE;
    const uint32_t i = leaf->item[(addr >> ITEM_SHIFT) % LEAF_ITEMS];
    const struct place *p = slots_at(m->slots, i);
    return p->addr == addr ? i : addrmap_first_at(m, p->next, addr);
}
uint32_t addrmap_next_at(const struct addrmap *m, uint32_t record);
/* The note left at the 16 bytes that begin with addr; 0: none. */
uint32_t addrmap_note(const struct addrmap *m, uint64_t addr);
/* The record with the greatest address <= addr, or OURO_NONE. */
uint32_t addrmap_below(const struct addrmap *m, uint64_t addr);

/* Soon that address will be asked for: what knows it, and then the record that
   is there, begin to come from memory meanwhile. Nothing else changes. */
void addrmap_expect(struct addrmap *m, uint64_t addr);
void addrmap_expect_record(const struct addrmap *m, uint64_t addr);

bool addrmap_is_valid(const struct addrmap *m);

#endif
