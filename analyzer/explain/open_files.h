/* SPDX-License-Identifier: MIT */
/*
 * open_files.h - the files of machine code that stay open between questions
 *
 * Opening one reads its symbols and the ranges of its units, which takes longer
 * than many answers. At most `max` stay open, and no other next to a new one
 * where they have made this process larger than max_bytes; the one unused for
 * the longest time goes first. For the symbols' child only.
 */
#ifndef ANALYZER_EXPLAIN_OPEN_FILES_H
#define ANALYZER_EXPLAIN_OPEN_FILES_H

#include "explain/symbol_file.h"

struct open_file {
    struct elf_source source; /* its own copy */
    struct symbol_file file;
    uint64_t used; /* larger: later */
};

enum { OPEN_FILES_MAX = 64 };

struct open_files {
    uint32_t n, max;
    uint32_t n_opened; /* so far */
    uint64_t max_bytes, mapped, clock;
    struct open_file at[OPEN_FILES_MAX];
};

void open_files_init(struct open_files *o, uint32_t max, uint64_t max_bytes);
void open_files_release(struct open_files *o);

/* Good until the next call. */
struct symbol_file *open_files_get(struct open_files *o,
                                   const struct elf_source *source);

#endif
