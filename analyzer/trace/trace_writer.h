/* SPDX-License-Identifier: MIT */
/*
 * trace_writer.h - a trace file of what somebody says, not of what a guest saw
 *
 * One thread, no call stacks, no times: stamps only count. The header is
 * written last, so that a file which was never finished is no trace. The same
 * calls give the same bytes.
 *
 *     struct trace_writer w;
 *     if (trace_writer_begin(&w, path, &e) != 0) ...
 *     const uint32_t type = trace_writer_text(&w, "Node", 4);
 *     trace_writer_new(&w, 0x5000, type, 1);
 *     if (trace_writer_end(&w, &e) != 0) ...
 */
#ifndef ANALYZER_TRACE_TRACE_WRITER_H
#define ANALYZER_TRACE_TRACE_WRITER_H

#include "err.h"
#include "ouro_trace.h"
#include "trace/strings.h"

#include <stdbool.h>
#include <stdio.h>

/* Addresses below this can be written in any order. */
#define TRACE_WRITER_ADDRESSES ((uint64_t)1 << 62)

/* What a string is called in the open chunk. */
struct trace_writer_name {
    uint32_t chunk, number;
};

struct trace_writer {
    const char *path;
    FILE *to;
    uint64_t offset; /* of the open chunk */
    uint32_t n_chunks;
    unsigned char *bytes; /* of the open chunk */
    size_t n;
    uint64_t stamp, first_stamp, addr;
    uint32_t n_strings; /* in the open chunk */
    struct strings strings;
    struct trace_writer_name *names; /* by string */
    uint32_t names_room;
    bool failed;
};

/* `path` must not exist and is kept by reference. 0, or -1 with e filled
   (RC_USAGE) and nothing to end. */
int trace_writer_begin(struct trace_writer *w, const char *path, struct err *e);

/* The number of a text; 0 for an empty one. Beyond OURO_MAX_STRING bytes it is
   cut. */
uint32_t trace_writer_text(struct trace_writer *w, const char *text,
                           size_t len);

/* What the process is called. First of all. */
void trace_writer_process(struct trace_writer *w, const char *exe,
                          uint32_t argc, const char *const *argv);
void trace_writer_new(struct trace_writer *w, uint64_t addr, uint32_t type,
                      int64_t count);
void trace_writer_label(struct trace_writer *w, uint64_t addr, uint32_t text);
void trace_writer_immortal(struct trace_writer *w, uint64_t addr);
void trace_writer_link(struct trace_writer *w, uint64_t owner, uint32_t field,
                       uint64_t target);
void trace_writer_root(struct trace_writer *w, uint32_t name, uint64_t target);
/* The replay collects nothing before the end. */
void trace_writer_no_collections(struct trace_writer *w);

/* The process exits. Closes the file: 0, or -1 with e filled (RC_USAGE) where
   it could not be written. */
int trace_writer_end(struct trace_writer *w, struct err *e);

#endif
