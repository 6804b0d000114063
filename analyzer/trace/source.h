/* SPDX-License-Identifier: MIT */
/*
 * source.h - where a trace's bytes come from: a file, or a packed recording
 *
 * A path whose last part is a name in a packed recording is a trace, too:
 * "run.ouropack/17.0.trace". It is read as the file that it was.
 */
#ifndef ANALYZER_TRACE_SOURCE_H
#define ANALYZER_TRACE_SOURCE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packed_trace;

struct source {
    int fd; /* -1 where it is packed */
    struct packed_trace *packed;
    char *pack; /* its file's path; NULL where it is not packed */
    uint64_t len;
};

/* 0, or -1 with e filled and nothing to close. */
int source_open(struct source *s, const char *path, struct err *e);
void source_close(struct source *s);

/* The n bytes at `offset`; false: they are not there. */
bool source_read(const struct source *s, void *to, size_t n, uint64_t offset);
/* Why it may have been false, and the remedy: words to put behind a place. */
const char *source_complaint(const struct source *s);
/* Are the n bytes of a chunk at `offset` worth reading? Not where a packed
   recording does not tell them: a few bytes of it may name very many zeros. */
bool source_tells(const struct source *s, uint64_t offset, uint64_t n);
/* The next offset, behind `at`, that may hold something; len: none does. */
uint64_t source_data(const struct source *s, uint64_t at, uint64_t granule);
/* How many of a chunk's bytes to read at once. */
size_t source_window(const struct source *s, uint64_t len);

#endif
