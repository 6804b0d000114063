/* SPDX-License-Identifier: MIT */
/*
 * address_names.h - what single addresses of a process are called: globals, and
 * functions that were returned to
 */
#ifndef ANALYZER_EXPLAIN_ADDRESS_NAMES_H
#define ANALYZER_EXPLAIN_ADDRESS_NAMES_H

#include "arena.h"
#include "trace/trace.h"

struct symbolizer;

struct address_name {
    uint64_t addr;
    uint32_t epoch; /* of the module table */
    bool exact;     /* a variable's, or an instruction's; else addr is a return
                       address */
    /* Filled; texts are never NULL, "" where unknown. */
    const char *name;   /* demangled */
    const char *module; /* path */
    uint64_t behind;    /* bytes from the start of a variable; without a name,
                           in the module's file; without a module, 0 */
};

/* Names all n of them in one request. Texts are in `a`, or the trace's. */
void address_names_find(struct symbolizer *z, struct arena *a,
                        const struct trace *t, struct address_name *at,
                        uint32_t n);

#endif
