/* SPDX-License-Identifier: MIT */
/*
 * why_memory.h - why a block is still there, as memory tells it: who points at
 * it, a shortest way from a root, surest first; or, where it is lost, the
 * finding that retains it
 */
#ifndef ANALYZER_EXPLAIN_WHY_MEMORY_H
#define ANALYZER_EXPLAIN_WHY_MEMORY_H

#include "explain/finding.h"
#include "explain/weight.h"

/* A word on the way: where it stands; it points at the next one's block. */
struct why_word {
    struct pointer at;
    bool known;        /* else: it is one of too many */
    uint64_t left_out; /* blocks on the way behind it that are not told */
};

struct why_memory {
    enum reach reach; /* unknown: the block came after the snapshot */
    uint32_t n_pointers;
    struct pointer *pointers;
    bool more_pointers;
    uint32_t n_way; /* from a root; 0: none leads here, or it is kept for
                       another reason */
    struct why_word *way;
    bool kept;            /* on purpose, or from before a fork */
    bool is_source;       /* lost, and nothing lost points at it from outside */
    bool is_shared;       /* lost, and several sources hold it */
    char source[17];      /* the leak that it is part of, or that retains it;
                             "": an object's */
    uint64_t source_addr; /* of one of its blocks; 0: none */
    struct held retained; /* with it, where it is a source */
    const char *symbols_note;
    struct arena arena;
};

/* `block` is the shadow's; `most` pointers are told. 0, or -1 with e filled. */
int why_memory_make(struct why_memory *w, struct symbolizer *z,
                    const struct memory *m, const struct shadow *s,
                    struct trace *t, uint32_t block, uint32_t most,
                    struct err *e);
void why_memory_release(struct why_memory *w);

#endif
