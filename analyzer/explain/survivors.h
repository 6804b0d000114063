/* SPDX-License-Identifier: MIT */
/*
 * survivors.h - who lives on, and whether there are more and more of them
 *
 * A row is the objects of a type that were made at one site, or the plain
 * blocks (weight.h: no object lives in them or owns them, no element of a pool
 * lies in them) of an entry point and a site, that are alive at the end. Left
 * out are what is unreachable and what goes with it, which are findings, what
 * came from before a fork, what OURO_IGNORE names, and what the system keeps on
 * purpose (kept.h).
 *
 * A leak that something still reaches shows as a row with many ages that grows:
 * what is made once, at the start, has one age, what comes and goes few. Order:
 * ages, as powers of two; growth; ages; bytes; then names.
 */
#ifndef ANALYZER_EXPLAIN_SURVIVORS_H
#define ANALYZER_EXPLAIN_SURVIVORS_H

#include "explain/ages.h"
#include "explain/symbols.h"

struct symbolizer;

enum { SURVIVORS_RISE = 3 }; /* checkpoints, before anything is said to rise */

struct survivor {
    const char *type;      /* "": plain blocks */
    const char *allocator; /* their entry point; "": objects */
    struct places stack;   /* of the stack that made most of them */
    uint64_t n;
    uint64_t in[GC_GENERATIONS]; /* of n; what is frozen counts as the oldest */
    uint64_t bytes;              /* objects: with blocks that they own */
    uint64_t ages;
    double growth, growth_bytes; /* a checkpoint, on average */
    uint32_t n_recent;
    int64_t recent[CHECKPOINTS_RECENT]; /* alive at the last checkpoints */
    bool grows; /* there are SURVIVORS_RISE of them at least, and more were
                   alive at each than at the one before */
};

struct survivors {
    enum ages_by by;
    uint64_t n_checkpoints; /* with fewer than two nothing is known of growth */
    uint32_t n;
    struct survivor *at;
    struct arena arena;
};

/* Of a trace whose shadow was built. `progress` may be NULL. 0, or -1 with e
   filled. What it fills may outlive the symbolizer and the shadow, not t. */
int survivors_find(struct survivors *v, struct symbolizer *z,
                   const struct shadow *s, struct trace *t, bool with_kept,
                   void (*progress)(uint64_t done, uint64_t total),
                   struct err *e);
void survivors_release(struct survivors *v);

#endif
