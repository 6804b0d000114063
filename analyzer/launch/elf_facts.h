/* SPDX-License-Identifier: MIT */
/*
 * elf_facts.h - what an executable file says about how it will be started
 *
 * A small reader for the few facts that decide whether a program can be
 * recorded. It believes nothing: every offset and count in the file is checked
 * against the bytes that are there, a table that does not fit is taken as far
 * as it goes, and `damaged` says that something did not fit.
 *
 * Invariants: text fields end in a zero byte; an ELF file that is not 64-bit
 * little-endian is only identified (is_elf, is_64, is_little, machine).
 */
#ifndef ANALYZER_LAUNCH_ELF_FACTS_H
#define ANALYZER_LAUNCH_ELF_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_facts {
    bool is_elf, is_64, is_little;
    bool damaged;
    bool unsure; /* the headers themselves are cut: nothing else is known */
    uint16_t machine, type; /* EM_..., ET_... */
    bool has_dynamic;
    char loader[256];      /* PT_INTERP; "" none */
    const char *sanitizer; /* "AddressSanitizer" ...; NULL none */
    const char *allocator; /* linked in: "jemalloc" ...; NULL none */
    bool defines_malloc;   /* so nobody's calls come to a preloaded one */
};

struct elf_facts elf_facts_of(const void *bytes, size_t len);

#endif
