/* SPDX-License-Identifier: MIT */
/*
 * cfi.h - call frame information, read where the program's own unwinder does
 *
 * A small interpreter of .eh_frame, found through the sorted table of
 * .eh_frame_hdr. It follows three registers (stack pointer, frame pointer,
 * return address) and nothing else, and works with expressions that come down
 * to "register plus offset" or what is stored there. What does not come down
 * to a rule is RULE_NONE, and so is whatever is not well formed: nothing is
 * read outside pages that can be read. Code that nothing describes is RULE_END:
 * a guess from the frame pointer would name a wrong caller now and then. (The
 * first frame of a stack that makecontext made returns to the beginning of a
 * function, where the address before it is no code at all.)
 */
#ifndef PRELOAD_CFI_H
#define PRELOAD_CFI_H

#include "module.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t cfi_rule(const struct module *m, uintptr_t pc);

/* The same with another register that calls keep, by its DWARF number, in the
   frame pointer's place as the one that is found (not as what it is found
   by). */
uint64_t cfi_rule_of(const struct module *m, uintptr_t pc, unsigned number);

/* The rule of pc where nothing describes it, or no module holds it: RULE_END,
   unless what follows pc is the code that signal handlers return to. */
uint64_t cfi_undescribed(uintptr_t pc);

/* Is there a description of the function that holds pc? */
bool cfi_covers(const struct module *m, uintptr_t pc);

/* Where .eh_frame_hdr's sorted table is, and how many pairs; false: none. */
bool cfi_table(const struct module *m, uintptr_t *table, size_t *n_pairs);

#endif
