/* SPDX-License-Identifier: MIT */
/*
 * pack_modules.h - the files of machine code that a recording's call stacks
 * name, for a machine that does not have them
 *
 * A file goes in only if it is the one that was recorded (elf_file.h), with the
 * separate debug information that belongs to it. What a program only runs or
 * computes with is left out: those bytes are zeros. What names an address or
 * says how to unwind from it stays.
 */
#ifndef ANALYZER_PACKING_PACK_MODULES_H
#define ANALYZER_PACKING_PACK_MODULES_H

#include "explain/elf_file.h"
#include "packing/container.h"

struct pack_modules {
    struct container *to;
    uint32_t n, room;
    struct elf_source *done; /* asked for, there or not */
    uint32_t n_missing;      /* no longer there, or changed */
    uint64_t packed;         /* bytes of the file that the others are */
};

/* path and id must stay. False: it could not be read. */
bool pack_modules_add(struct pack_modules *m, const struct elf_source *source);
void pack_modules_release(struct pack_modules *m);

#endif
