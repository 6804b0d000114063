/* SPDX-License-Identifier: MIT */
/*
 * layout.h - the header of a trace file and where its chunks are
 */
#ifndef ANALYZER_TRACE_LAYOUT_H
#define ANALYZER_TRACE_LAYOUT_H

#include "trace/trace.h"

/* Checks the header, fills t->header, both kinds of t's chunks and t->cut. */
int layout_read(struct trace *t, struct err *e);

/* n bytes at `offset` of the file; false: they are not there. */
bool layout_bytes(const struct trace *t, void *to, size_t n, uint64_t offset);

/* A chunk's head as it is now in the file. */
int layout_head(const struct trace *t, const struct trace_chunk *chunk,
                struct ouro_chunk *head, struct err *e);

/* Compares the bytes of a sealed chunk with its checksum; the same for bytes
   that were read from it, all of them. */
int layout_verify(const struct trace *t, const struct trace_chunk *chunk,
                  struct err *e);
int layout_verify_bytes(const struct trace *t, const struct trace_chunk *chunk,
                        const unsigned char *bytes, struct err *e);

#endif
