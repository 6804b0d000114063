/* SPDX-License-Identifier: MIT */
/*
 * symbol_child.h - questions about addresses, answered from a limited child
 *
 * One child answers many requests and keeps the files open that they named
 * (open_files.h). The queries of a request are sorted by file; they are
 * answered in order, one bounded answer each: where the answers end says which
 * query was the child's last. The reader believes no number in an answer.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_CHILD_H
#define ANALYZER_EXPLAIN_SYMBOL_CHILD_H

#include "explain/limited_child.h"
#include "explain/symbol_file.h"

struct symbol_query {
    uint64_t addr; /* in the file */
    uint32_t file; /* index into sources */
    bool exact;    /* addr is no return address */
    bool plain;    /* the symbols' names will do: no lines, nothing inlined */
};

struct symbol_job {
    const struct elf_source *sources;
    const struct symbol_query *queries;
    uint32_t from, n; /* queries from .. n-1 are to be answered */
};

struct symbol_answer {
    enum elf_status status; /* of the file */
    bool has_lines;         /* the file has line information; `plain`: it is
                               not looked for */
    bool signal_frame;
    uint64_t behind; /* the start of a variable */
    uint32_t n;      /* places, at least 1; innermost first */
    struct {
        const char *function, *file; /* "" where unknown */
        uint32_t line;
    } at[DWARF_MAX_INLINE];
    char *text; /* what `at` points into; owned by the answer */
    uint32_t text_room;
};

/* The child's side: serve() of limited_child.h; arg is not used. */
void symbol_child_serve(const void *arg, struct child_end *end);

/* The same in steps. */
struct symbol_server;
struct symbol_server *symbol_server_make(struct child_end *end);
/* The next query, its file an index into the request's own sources; NULL: the
   parent is gone. */
const struct symbol_query *symbol_server_next(struct symbol_server *s);
/* False: the parent is gone. */
bool symbol_server_answer(struct symbol_server *s);
void symbol_server_release(struct symbol_server *s);

/* The parent's side: sends what is to be answered; then reads the answer to
   query number `query`. False: it has ended, or took too long. */
bool symbol_child_ask(struct limited_child *c, const struct symbol_job *job);
bool symbol_child_read(struct limited_child *c, uint32_t query,
                       struct symbol_answer *a);
void symbol_child_release(struct symbol_answer *a);

#endif
