/* SPDX-License-Identifier: MIT */
/*
 * symbol_file.h - everything that one file of machine code says about addresses
 *
 * For the symbols' child only: what it reads may be hostile. Addresses are the
 * file's own (ip - bias).
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_FILE_H
#define ANALYZER_EXPLAIN_SYMBOL_FILE_H

#include "explain/dwarf_index.h"
#include "explain/elf_file.h"
#include "explain/symbol_table.h"

struct symbol_file {
    enum elf_status status; /* the rest is empty unless OK */
    const struct elf_source *source;
    Dwfl *dwfl;
    Dwfl_Module *module;
    Dwarf_CFI *cfi;
    uint64_t cfi_bias;
    struct symbol_table table;
    bool lines_are_read;
    struct dwarf_index lines;
};

struct symbol_query;

struct symbol_names {
    uint32_t n; /* at least 1 */
    bool signal_frame;
    uint64_t behind; /* the start of a variable */
    struct dwarf_place at[DWARF_MAX_INLINE];
};

void symbol_file_open(struct symbol_file *f, const struct elf_source *source);
void symbol_file_close(struct symbol_file *f);

/* What costs most: the debug information is often compressed. */
void symbol_file_read_lines(struct symbol_file *f);

/* Names what is at the return address q->addr (the call before it), or, if
   q->exact, at that address itself: a variable, too. If not q->plain, the lines
   have been read. */
void symbol_file_find(struct symbol_file *f, const struct symbol_query *q,
                      struct symbol_names *names);

#endif
