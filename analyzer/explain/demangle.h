/* SPDX-License-Identifier: MIT */
/*
 * demangle.h - C++, Rust and D names as people write them
 *
 * A name may be a bomb: what goes in is at most 4 KiB, what comes out at most
 * 16 KiB, the demangler's own recursion limit stays on, and it is called in
 * the symbols' child only.
 */
#ifndef ANALYZER_EXPLAIN_DEMANGLE_H
#define ANALYZER_EXPLAIN_DEMANGLE_H

#include <stdbool.h>

enum { DEMANGLE_MAX_IN = 4096, DEMANGLE_MAX_OUT = 16384 };

struct demangled {
    unsigned len;
    char text[DEMANGLE_MAX_OUT];
};

/* False where `name` is no mangled name, or a bad one; `d` is not valid then.
   A result that is too long is cut. */
bool demangle(struct demangled *d, const char *name);

/* The length of `name` without what the compiler appended to the copies it
   made of a function: ".cold", ".part.0", ".constprop.1", ".isra.0". */
unsigned demangle_base_len(const char *name);

#endif
