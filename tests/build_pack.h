/* SPDX-License-Identifier: MIT */
/*
 * build_pack.h - a recording of one trace that a test builds, and that, packed
 *
 * pack_begin() and pack_end() are a test's fixture. Between them `built` is the
 * trace that is built; save_and_pack() writes it and packs it.
 */
#ifndef TESTS_BUILD_PACK_H
#define TESTS_BUILD_PACK_H

#include "build_trace.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>

extern struct build built;
extern char pack_file[96]; /* the packed file */

void pack_begin(void);
void pack_end(void);
/* The trace in the recording, and in the packed one. */
const char *trace_path(void);
const char *packed_path(void);
int pack_it(uint64_t tick_ns, struct err *e);
void save_and_pack(uint64_t tick_ns);
uint64_t size_of(const char *path);

/* Every kind, from threads that take turns, or overlap. */
void build_random(uint64_t seed, bool overlap, bool heap_only);
/* A calm heap, of which ticks leave little of the times. */
void build_calm(void);

#endif
