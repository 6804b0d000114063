/* SPDX-License-Identifier: MIT */
/*
 * symbol_child.h - questions about addresses, answered from a limited child
 *
 * The queries are sorted by file, so that one file is open at a time. The
 * child answers them in order, one bounded answer each: where the answers end
 * says which query was its last. The reader believes no number in an answer.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_CHILD_H
#define ANALYZER_EXPLAIN_SYMBOL_CHILD_H

#include "explain/limited_child.h"
#include "explain/symbol_file.h"

struct symbol_query {
    uint64_t addr; /* in the file */
    uint32_t file; /* index into sources */
    bool exact;    /* addr is no return address */
};

struct symbol_job {
    const struct elf_source *sources;
    const struct symbol_query *queries;
    uint32_t from, n; /* queries from .. n-1 are to be answered */
};

struct symbol_answer {
    enum elf_status status; /* of the file */
    bool has_lines;         /* the file has line information */
    bool signal_frame;
    uint32_t n; /* places, at least 1; innermost first */
    struct {
        const char *function, *file; /* "" where unknown */
        uint32_t line;
    } at[DWARF_MAX_INLINE];
    char *text; /* what `at` points into; owned by the answer */
    uint32_t text_room;
};

/* The child's side: serve() of limited_child.h; arg is a struct symbol_job. */
void symbol_child_serve(const void *arg, int out);

/* The parent's side: the answer to query number `query`. False: none came. */
bool symbol_child_read(struct limited_child *c, uint32_t query,
                       struct symbol_answer *a);
void symbol_child_release(struct symbol_answer *a);

#endif
