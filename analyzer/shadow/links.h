/* SPDX-License-Identifier: MIT */
/*
 * links.h - the counted references that are held while a trace is replayed
 *
 * A multiset. Who holds is a *holder*: an object; a block in which no object
 * lives, for the object that owns it, if one does; the globals that OURO_ROOT
 * names; an address in no object and no block; or the acquires, which are kept
 * here too because they are matched the same way. A holder has its number from
 * its first reference on. What is written in a block stays the block's: so it
 * goes with the block to another owner, whether OWN is said before or after.
 *
 * The name of a reference is its field, or, where it has none, its `offset`:
 * what its holder and name and target have in common is one list, the newest
 * first, found by a hash. So is removing any one of a million.
 */
#ifndef ANALYZER_SHADOW_LINKS_H
#define ANALYZER_SHADOW_LINKS_H

#include "shadow/slots.h"
#include "shadow/table.h"

enum holder_kind {
    HOLDER_OBJECT,
    HOLDER_BLOCK,
    HOLDER_ADDRESS, /* a root that has no name */
    HOLDER_NAMES,   /* all roots that have one */
    HOLDER_COOKIES, /* of all acquires; offset: the cookie */
};

enum { NAMED_ROOTS = 0, ACQUIRES = 1 }; /* holders that always exist */

struct holder {
    uint32_t state;    /* slots.h */
    uint32_t kind;     /* enum holder_kind */
    uint32_t link;     /* the first it holds */
    uint32_t dangling; /* dangling.h */
    uint32_t who;      /* object or block */
    uint64_t addr;     /* HOLDER_ADDRESS */
};

/* How live_link.slot is to be read. */
enum slot_base {
    SLOT_FIXED, /* an address */
    SLOT_OWNER, /* distance from the owner object's start */
    SLOT_BLOCK, /* distance from the start of slot_block */
};

struct live_link {
    uint32_t state; /* slots.h */
    uint32_t holder;
    uint32_t target; /* object */
    uint32_t field;
    uint32_t stack;
    uint32_t slot_block; /* good while that block's stamp is slot_stamp */
    int64_t index;
    uint64_t stamp, offset, slot, slot_stamp;
    enum slot_base slot_base;
    struct chain same; /* bucket of the hash */
    struct chain held; /* by the holder */
    struct chain into; /* the target */
};

struct links {
    struct slots slots, holders;
    struct table at_address; /* address -> holder + 1 */
    uint32_t *buckets;
    uint32_t mask;
    uint64_t seed;
};

void links_init(struct links *l);
void links_release(struct links *l);

static inline struct live_link *links_get(const struct links *l, uint32_t i)
{
    return slots_at(&l->slots, i);
}

static inline struct holder *links_holder(const struct links *l, uint32_t i)
{
    return slots_at(&l->holders, i);
}

uint32_t links_make_holder(struct links *l, enum holder_kind kind,
                           uint32_t who);
/* The root at this address: OURO_NONE, or made now. */
uint32_t links_root(const struct links *l, uint64_t addr);
uint32_t links_make_root(struct links *l, uint64_t addr);
/* A holder that holds nothing is no more. */
void links_drop_holder(struct links *l, uint32_t holder);

/* Adds a copy of `link` (its chains and state need not be filled) to those of
   its holder and to the list of references into its target. */
uint32_t links_add(struct links *l, const struct live_link *link,
                   uint32_t *first_into);
/* The newest with this holder, name and target, or OURO_NONE. */
uint32_t links_find(const struct links *l, uint32_t holder, uint32_t field,
                    uint64_t offset, uint32_t target);
void links_remove(struct links *l, uint32_t i, uint32_t *first_into);
/* After fields were changed in place. */
void links_reindex(struct links *l);

#endif
