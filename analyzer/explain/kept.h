/* SPDX-License-Identifier: MIT */
/*
 * kept.h - what libc, libstdc++ and the loader keep to the end on purpose
 *
 * stdio's buffers, libstdc++'s reserve for exceptions, the loader's lists, the
 * threads' vectors, locales, the environment: the operating system takes them
 * back, and no program can. They are recognised by the function and the module
 * that asked for the memory, innermost frames first, never by address.
 */
#ifndef ANALYZER_EXPLAIN_KEPT_H
#define ANALYZER_EXPLAIN_KEPT_H

#include "explain/finding.h"

/* Why a leak is none, a noun phrase ("a stream's buffer"); NULL: no reason. */
const char *kept_reason(const struct finding *f);

struct kept {
    uint64_t blocks, bytes;
};

/* Takes such leaks out of f; the order of the others stays. How much they
   were. */
struct kept kept_set_aside(struct findings *f);

#endif
