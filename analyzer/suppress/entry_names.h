/* SPDX-License-Identifier: MIT */
/*
 * entry_names.h - what Valgrind calls the entry points of the allocator
 */
#ifndef ANALYZER_SUPPRESS_ENTRY_NAMES_H
#define ANALYZER_SUPPRESS_ENTRY_NAMES_H

/* The module that it finds them in. */
#define ENTRY_MODULE "/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so"

/* The k-th name of an entry point as reports show it, mangled before demangled;
   NULL: there are no more. What is no such entry point has its own name. */
const char *entry_name(const char *allocator, int k);

#endif
