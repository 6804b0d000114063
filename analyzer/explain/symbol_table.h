/* SPDX-License-Identifier: MIT */
/*
 * symbol_table.h - the functions and variables of one file, as .symtab and
 * .dynsym have them
 *
 * Invariant: sorted by low address, one entry an address. A function without a
 * size reaches to the next one or to its section's end.
 */
#ifndef ANALYZER_EXPLAIN_SYMBOL_TABLE_H
#define ANALYZER_EXPLAIN_SYMBOL_TABLE_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

struct elf_symbol {
    uint64_t low, high;
    const char *name;
    uint32_t rank; /* among names of one address, the lowest is taken */
    bool sizeless;
    bool data; /* a variable, outside of code */
};

struct symbol_table {
    uint32_t n, room;
    struct elf_symbol *at;
};

void symbol_table_build(struct symbol_table *t, Dwfl_Module *mod);
void symbol_table_release(struct symbol_table *t);

/* The function that holds addr, or if `data` the variable; or NULL. */
const struct elf_symbol *symbol_table_find(const struct symbol_table *t,
                                           uint64_t addr, bool data);

#endif
