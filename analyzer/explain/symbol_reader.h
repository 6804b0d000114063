/* SPDX-License-Identifier: MIT */
/*
 * symbol_reader.h - gets every query answered that can be, whatever the files
 *
 * A child that dies or hangs is followed by another one behind the query that
 * killed it, with half the patience for what is left of the request; the second
 * death in one file gives that file up, and after a few deaths all that is left
 * stays unnamed. One child lives as long as nothing kills it.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_READER_H
#define ANALYZER_EXPLAIN_SYMBOL_READER_H

#include "explain/symbol_child.h"

struct symbol_reader {
    struct child_limits limits; /* for a request */
    uint32_t max_deaths;        /* in all requests together */
    void (*serve)(const void *unused, struct child_end *end);
    /* Called for each answer; a is NULL for a query that killed a child. */
    void (*take)(void *to, uint32_t query, const struct symbol_answer *a);
    void *to;
    unsigned char *deaths; /* one for each source: while it was read */
    bool gave_up;          /* some were not even tried */
    /* From here on zero at the start. */
    uint32_t n_deaths, n_children, n_asked;
    bool runs;
    struct limited_child child;
};

enum { SYMBOL_FILE_DEATHS = 2 }; /* then it is given up */

/* What a report gets for each image. */
extern const struct child_limits symbol_reader_limits;

/* Starts a child now, if none runs: while there is little to inherit. */
void symbol_reader_start(struct symbol_reader *r);

void symbol_reader_run(struct symbol_reader *r, const struct symbol_job *job);
void symbol_reader_release(struct symbol_reader *r);

#endif
