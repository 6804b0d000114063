/* SPDX-License-Identifier: MIT */
/*
 * symbol_reader.h - gets every query answered that can be, whatever the files
 *
 * A child that dies or hangs is followed by another one behind the query that
 * killed it, with half the patience; the second death in one file gives that
 * file up, and after a few deaths all that is left stays unnamed.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_READER_H
#define ANALYZER_EXPLAIN_SYMBOL_READER_H

#include "explain/symbol_child.h"

struct symbol_reader {
    struct child_limits limits;
    uint32_t max_deaths;
    void (*serve)(const void *job, int out); /* symbol_child_serve */
    /* Called for each answer. */
    void (*take)(void *to, uint32_t query, const struct symbol_answer *a);
    void *to;
    bool *failed; /* one for each source: reading it killed a child */
    bool gave_up; /* some were not even tried */
};

/* What a whole report gets. */
extern const struct child_limits symbol_reader_limits;

void symbol_reader_run(struct symbol_reader *r, const struct symbol_job *job);

#endif
