/* SPDX-License-Identifier: MIT */
/*
 * addrmap.h - which record lives at an address, and which is the next below
 *
 * The records are in a struct slots and begin with a struct place. Several may
 * have the same address; the one added last is found first.
 *
 * 1 KiB of addresses is a leaf: one number for each 16 bytes, the first of a
 * list of the records that begin there, and one bit that says so. Leaves are
 * found by a hash. Above them is a tree of 64-bit words, one bit for each child
 * that is not empty, in the same kind of hash: so the record below an address
 * is found in constant time whatever the distance, and no range of addresses
 * costs anything until something lives there.
 *
 * Where a record was removed a note can be left (its number is not 0), which
 * stays until something else comes to the same 16 bytes. Notes of regions where
 * nothing is alive may be forgotten when they grow too many.
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
    LEAF_ITEMS = 64,
    ADDRMAP_LEVELS = 9, /* 54 bits of leaf number, six at a time */
};

struct addrmap_leaf {
    uint64_t number;           /* address / 1024 */
    uint64_t bits;             /* which item[] are the first of a list; the
                                  others are notes, or 0 */
    uint64_t age;              /* when its notes were left; others' are void */
    uint32_t item[LEAF_ITEMS]; /* of 16 bytes each */
};

struct addrmap {
    const struct slots *slots;
    struct table leaf_of; /* number -> leaf + 1 */
    struct addrmap_leaf *leaves;
    uint32_t n_leaves, room;
    uint32_t n_empty; /* with no bit set */
    uint64_t age;     /* how often all notes were forgotten */
    uint32_t *free;   /* leaves that can be used again */
    uint32_t n_free, free_room;
    struct table words[ADDRMAP_LEVELS];
};

void addrmap_init(struct addrmap *m, const struct slots *slots);
void addrmap_release(struct addrmap *m);

/* The record's address is that in its struct place. */
void addrmap_add(struct addrmap *m, uint32_t record);
void addrmap_remove(struct addrmap *m, uint32_t record, uint32_t note);
void addrmap_forget_notes(struct addrmap *m);

/* The record at exactly this address, or OURO_NONE; the next is the next in
   its list that has the same address. */
uint32_t addrmap_at(const struct addrmap *m, uint64_t addr);
uint32_t addrmap_next_at(const struct addrmap *m, uint32_t record);
/* The note left at the 16 bytes that begin with addr; 0: none. */
uint32_t addrmap_note(const struct addrmap *m, uint64_t addr);
/* The record with the greatest address <= addr, or OURO_NONE. */
uint32_t addrmap_below(const struct addrmap *m, uint64_t addr);

#endif
