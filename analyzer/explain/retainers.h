/* SPDX-License-Identifier: MIT */
/*
 * retainers.h - what keeps most of what is alive: the dominator tree of the
 * last snapshot's memory, from its top
 *
 * A block retains what could not be reached without it (live_dominators.h). At
 * the top are blocks, and pages of the program, that nothing but roots
 * dominates: a root points at each, or several ways lead to it. Bytes are those
 * of blocks, as asked for; of a block in which elements of a pool lie, those
 * that no element has. So no byte counts twice: what all at the top retain is
 * all that can be reached.
 *
 * Order: retained bytes descending, then blocks, then age.
 */
#ifndef ANALYZER_EXPLAIN_RETAINERS_H
#define ANALYZER_EXPLAIN_RETAINERS_H

#include "explain/pointing.h"
#include "explain/weight.h"

enum { RETAINER_CHAIN = 6, RETAINER_ROOTS = 4 };

/* A block, or pages; and as many below it as were made at the same place, each
   holding nearly all of what the one above it does. */
struct retainer_step {
    uint32_t node;
    bool is_pages;
    uint64_t address, bytes; /* its own size */
    uint64_t run;            /* itself included */
    struct held retained;    /* itself included */
    const char *type, *label, *allocator;
    struct places stack;
};

struct retainer {
    struct retainer_step is;
    bool kept;             /* on purpose, or from before a fork */
    uint32_t n_roots;      /* RETAINER_ROOTS at most; 0: several ways lead here,
                              none of them alone */
    struct pointer *roots; /* words of roots that lead to it */
    uint32_t n_chain;
    struct retainer_step *chain; /* while one below holds most of it */
    bool deeper;                 /* it goes on */
};

/* Those at the top that were made at one place. */
struct retainer_site {
    uint64_t n;
    struct held retained;
    const char *type, *allocator;
    struct places stack;
};

struct retainers {
    struct held reachable, lost; /* blocks at the snapshot's moment */
    uint32_t n, n_told;
    struct retainer *at;
    uint32_t n_sites, n_sites_told;
    struct retainer_site *sites;
    const char *symbols_note;
    struct arena arena;
};

/* At most `most` of each list are told. 0, or -1 with e filled. */
int retainers_find(struct retainers *r, struct symbolizer *z,
                   const struct memory *m, const struct shadow *s,
                   struct trace *t, uint32_t most, struct err *e);
void retainers_release(struct retainers *r);

#endif
