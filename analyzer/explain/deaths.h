/* SPDX-License-Identifier: MIT */
/*
 * deaths.h - what a word meant, where nothing that is alive at the end is meant
 *
 * Walks the trace once more. For an address, what lived there last: an object,
 * or a block in which none did.
 */
#ifndef ANALYZER_EXPLAIN_DEATHS_H
#define ANALYZER_EXPLAIN_DEATHS_H

#include "explain/meant.h"

struct death {
    uint64_t addr, bytes;
    uint64_t born, died;  /* stamps */
    uint32_t type, label; /* strings */
    uint32_t stack;       /* where it was born */
    uint32_t death_stack; /* of what ended it; where that has none, of what
                             gave a count of it back last; or 0 */
    int64_t rc;           /* the counts it still had */
    uint8_t entry;        /* of a block: enum ouro_entry */
    bool is_block, inherited, pool;
};

struct deaths {
    uint64_t n_objects, n_blocks; /* that died and were meant */
    struct death object, block;   /* the last of each */
};

/* 0, or -1 with e filled. `parent` may be NULL. */
int deaths_find(struct deaths *d, struct trace *t, struct trace *parent,
                const struct meant *m, struct err *e);

/* The last one; NULL: there is none. */
const struct death *deaths_last(const struct deaths *d);

#endif
