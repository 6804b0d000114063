/* SPDX-License-Identifier: MIT */
/*
 * zones.h - what the memory of a snapshot is, where it is no block's
 *
 * Three layers of intervals, each sorted and without overlaps; what a word is
 * the first of them that has it says:
 *   hidden   the thread-local storage of the allocator
 *   threads  stacks and thread-local storage
 *   base     data of modules, and pages of the program
 * A block's words are the block's, also where the block lies in a zone of
 * threads; but of the block that a stack lies in, they are the stack's.
 */
#ifndef ANALYZER_SHADOW_ZONES_H
#define ANALYZER_SHADOW_ZONES_H

#include "shadow/block_index.h"
#include "shadow/memory.h"

enum zone_kind {
    ZONE_NONE,      /* free memory, or an allocator's */
    ZONE_MODULE,    /* data of a module */
    ZONE_RUNTIME,   /* of the C library or the loader */
    ZONE_ALLOCATOR, /* of another allocator */
    ZONE_PAGES,     /* who: in memory.pages */
    ZONE_STACK,     /* [sure, end); who: the thread, as is: */
    ZONE_STACK_LOW, /* [sp, sure), or where no sp is known */
    ZONE_STALE,     /* below sp */
    ZONE_TLS,
    ZONE_HIDDEN, /* thread-local storage of another allocator */
};

struct zone {
    uint64_t start, end;
    enum zone_kind kind;
    uint32_t who;
    uint32_t block; /* that it lies in, or OURO_NONE */
};

struct zone_list {
    uint32_t n, room;
    struct zone *at;
};

struct zones {
    struct zone_list hidden, threads, base;
    struct zone_list modules; /* all of them, also where nothing is writable */
    uint32_t n_pages, pages_room;
    struct memory_pages *pages;
    bool may_miss; /* blocks may be missing */
};

/* After a walk of the trace. */
void zones_make(struct zones *z, const struct trace *t,
                const struct snapshot *s, const struct block_index *x,
                const struct sparse *held);
void zones_release(struct zones *z);

/* The zone of the list that holds the address, or NULL. */
const struct zone *zone_at(const struct zone_list *l, uint64_t addr);
/* The same for addresses that ascend; a cursor begins with 0. */
const struct zone *zone_next(const struct zone_list *l, uint32_t *cursor,
                             uint64_t addr);

static inline bool zones_in_module(const struct zones *z, uint64_t addr)
{
    return zone_at(&z->modules, addr) != NULL;
}

#endif
