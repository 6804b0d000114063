/* SPDX-License-Identifier: MIT */
/*
 * words.h - which words of memory a snapshot tells, and how
 *
 * All words that are not zero, or those that are addresses in a set of ranges
 * or below 2^16. As fast as memory can be read where most are neither.
 */
#ifndef PRELOAD_WORDS_H
#define PRELOAD_WORDS_H

#include "piece.h"
#include "ranges.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
    struct piece *to;
    const struct ranges *addresses; /* settled */
    bool all;                       /* every word that is not zero */
    uintptr_t lowest, span;         /* around all the ranges */
    struct range last, before;      /* those that addresses were in last */
    struct range gap;               /* between two of them, found last */
    uint64_t n_read, n_told;
    bool is_open;   /* a record is */
    uintptr_t next; /* the first word that the open record can tell */
    uint64_t value; /* the last of class 2 in it */
};

struct words words_to(struct piece *to, const struct ranges *addresses,
                      bool all);

/* Memory of `n` words that stands at `at` in the process, and here at `from`.
   Of ascending places. */
void words_tell(struct words *w, uintptr_t at, const uint64_t *from, size_t n);

/* Another record than WORDS comes next. */
void words_close(struct words *w);

#endif
