/* SPDX-License-Identifier: MIT */
/*
 * dwarf_index.h - from an address to functions, files and lines, quickly
 *
 * libdw can answer one address by walking a whole unit; for a hundred thousand
 * of them the ranges of units, and of the functions of each unit that is asked
 * for, are sorted once. (.debug_aranges would say the first, but clang leaves
 * it out.)
 */
#ifndef ANALYZER_EXPLAIN_DWARF_INDEX_H
#define ANALYZER_EXPLAIN_DWARF_INDEX_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

enum { DWARF_MAX_INLINE = 64 };

struct dwarf_place {
    const char *name; /* as linked, or plain; NULL: unknown */
    const char *file; /* NULL: unknown */
    uint32_t line;
};

struct dwarf_range;
struct dwarf_unit;

struct dwarf_index {
    uint32_t n_ranges, ranges_room, n_units, units_room;
    struct dwarf_range *ranges; /* of the units, sorted */
    struct dwarf_unit *units;
    uint64_t bias;
};

void dwarf_index_build(struct dwarf_index *x, Dwfl_Module *mod);
void dwarf_index_release(struct dwarf_index *x);

/* Fills at[], innermost first: all but the last are inlined into the next.
   Returns how many, 0 where no unit covers addr. */
uint32_t dwarf_index_find(struct dwarf_index *x, uint64_t addr,
                          struct dwarf_place at[DWARF_MAX_INLINE]);

#endif
