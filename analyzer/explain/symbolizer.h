/* SPDX-License-Identifier: MIT */
/*
 * symbolizer.h - names for the addresses of many process images
 *
 * What a report runs for all its images: one reader of symbols
 * (symbol_reader.h) and every answer that it gave. An address of a file (its
 * path and build-id) is asked for once, in whichever image it is met first. One
 * that killed the reader has no answer, now or later.
 *
 * All sources and, up to a bound, all answers are kept. What
 * symbolizer_answer returns is good until the next symbolizer_ask.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOLIZER_H
#define ANALYZER_EXPLAIN_SYMBOLIZER_H

#include "explain/symbol_child.h"

struct symbolizer;

struct known_place {
    const char *function,
        *file; /* "" where unknown; equal texts, one pointer */
    uint32_t line;
};

struct known {
    uint32_t n; /* innermost first; 0: no answer */
    const struct known_place *at;
    bool signal_frame;
    uint64_t behind; /* the start of a variable */
};

struct known_source {
    struct elf_source is;
    enum elf_status status;
    bool answered; /* something not plain was, so that this is known: */
    bool has_lines;
    bool killed; /* reading it killed a reader */
};

struct symbolizer_counts {
    uint32_t children; /* started */
    uint32_t asked;    /* queries sent */
};

/* Starts the reader at once, while there is little memory for it to share. */
struct symbolizer *symbolizer_begin(void);
/* The same with another reader's work and other limits on a request. */
struct symbolizer *symbolizer_begin_with(const struct child_limits *limits,
                                         void (*serve)(const void *unused,
                                                       struct child_end *end));
void symbolizer_end(struct symbolizer *z); /* may be NULL */

/* The number of a source, for symbol_query.file. */
uint32_t symbolizer_source(struct symbolizer *z, const struct elf_source *s);
/* Good until the next symbolizer_source. */
const struct known_source *symbolizer_known(const struct symbolizer *z,
                                            uint32_t source);

/* Gets answers to those of the queries that have none, in any order, repeats
   allowed. `progress` may be NULL. */
void symbolizer_ask(struct symbolizer *z, const struct symbol_query *queries,
                    uint32_t n,
                    void (*progress)(uint64_t done, uint64_t total));
/* To one of those queries. */
struct known symbolizer_answer(const struct symbolizer *z,
                               const struct symbol_query *q);

struct symbolizer_counts symbolizer_counts(const struct symbolizer *z);

#endif
