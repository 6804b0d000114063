/* SPDX-License-Identifier: MIT */
/*
 * pointing.h - who points at a block, in words that a person knows
 *
 * A word stands in another block (which has a type, or a place where it was
 * made), in a global, in the frame of a function, in what is a thread's. Words
 * explain: they hold no count (ALGORITHMS 4).
 *
 * Whose frame a word of a stack is in is told by the nearest return address
 * below it that has a name: the function that was to be returned to. It may be
 * one next to it (what was called has returned, and left its address there), so
 * reports say "in or near".
 */
#ifndef ANALYZER_EXPLAIN_POINTING_H
#define ANALYZER_EXPLAIN_POINTING_H

#include "explain/symbols.h"
#include "shadow/memory.h"

struct sites;

struct pointer {
    enum memory_place place;
    bool unseen;    /* IN_REGISTER: nobody saw it, so it may hold the address */
    bool counts;    /* else: it keeps nothing alive */
    bool unsure;    /* it is only perhaps a pointer */
    bool announced; /* a link says the same */
    bool after;     /* `block` was freed since the snapshot */
    uint32_t node;  /* of the block or pages it stands in, or OURO_NONE */
    uint32_t block; /* of the shadow, that it stands in, or OURO_NONE */
    uint64_t address;   /* where it stands; 0: in a register */
    uint64_t offset;    /* in its block, pages or symbol; in the module's file
                           where there is no symbol; a register's number */
    uint64_t into;      /* bytes from the start of what it points at */
    const char *symbol; /* the global; the function whose frame it is in; "" */
    const char *module; /* path, "" */
    const char *type, *label; /* of the object in its block, or that owns it */
    uint64_t owner;           /* address of that object */
    const char *allocator;    /* of its block, "" */
    struct places stack;      /* that made its block */
    uint32_t thread, os_thread; /* thread 0: it never had an event */
    uint8_t seen;               /* enum ouro_snap_seen; 0: no thread's */
};

/* Words that point at what was wanted, by (node, those that count first,
   address); none of those that calls left behind on a stack. */
struct pointing {
    const struct memory *m;
    const struct shadow *s;
    struct trace *t;
    struct arena *a;
    uint32_t n;
    struct memory_word *words;
    struct pointing_frame *frames; /* by word: what may be its function */
    struct address_name *names;    /* by word */
};

/* Walks the snapshot once, and once more where stacks have such words. 0, or -1
   with e filled. Everything is in `a`. */
int pointing_read(struct pointing *p, struct arena *a, const struct memory *m,
                  const struct shadow *s, struct trace *t,
                  const unsigned char *wanted, uint32_t most, struct err *e);
/* The stack that word i's block was made by; 0: none. */
uint32_t pointing_stack(const struct pointing *p, uint32_t i);
/* Names globals and functions, in `a`. Without it they have no names. */
void pointing_name(struct pointing *p, struct symbolizer *z, struct arena *a);

/* The first of those that point at the node, and how many. */
uint32_t pointing_first(const struct pointing *p, uint32_t node, uint32_t *n);
/* Word i. `sites` has named pointing_stack(i). */
struct pointer pointing_tell(const struct pointing *p, uint32_t i,
                             struct sites *sites);
/* Where word i may be only an allocator's: does it keep anything alive? */
bool pointing_counts(const struct pointing *p, uint32_t i);

/* What a register that nobody saw may hold; m->unseen says so. */
struct pointer pointing_unseen(const struct memory *m, uint32_t node);

#endif
