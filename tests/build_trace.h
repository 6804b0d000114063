/* SPDX-License-Identifier: MIT */
/*
 * build_trace.h - a trace file in memory, made from the words of ouro_trace.h
 *
 * An independent writer: it shares no code with the guest or with the reader,
 * only the numbers of the format. It checks nothing, so it can also say what
 * no guest would.
 *
 *     struct build b;
 *     build_begin(&b);
 *     build_chunk(&b, 1, 100);                 thread 1, first stamp 100
 *     build_stack(&b, 2, (uint64_t[]){0x401000, 0x402000});
 *     RECORD(&b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = 101, .a = 0x5000,
 *            .size = 24, .has_stack = true);
 *     RECORD(&b, OURO_REC_NEW, .stamp = 102, .a = 0x5000, .text = "Node");
 *     build_save(&b, "/tmp/1.0.trace");        ends the chunk
 *     build_release(&b);
 *
 * Chunks are as long as their bytes need and end where the next one begins.
 */
#ifndef TESTS_BUILD_TRACE_H
#define TESTS_BUILD_TRACE_H

#include "ouro_trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUILD_DEPTH = 16384,
    BUILD_FRAMES = 65536,
    BUILD_GUESSES = 4096,
    BUILD_STRINGS = 256,
};

struct build {
    unsigned char *bytes;
    size_t len, room;
    size_t chunk; /* offset of the open chunk's head; 0: none is open */
    bool seal;    /* chunks get a checksum as they end */
    /* decoding state of the open chunk */
    uint64_t stamp, addr, ip;
    uint32_t n_stack, n_frames, n_strings;
    uint64_t stack[BUILD_DEPTH], frames[BUILD_FRAMES];
    uint32_t guesses[BUILD_GUESSES];    /* at which frame an ip may be, + 1 */
    const char *strings[BUILD_STRINGS]; /* kept by reference */
    /* the snapshot that was begun last: build_snapshot.h */
    size_t words; /* offset of the open WORDS record's body; 0: none is open */
    uint64_t next_word, last_word; /* of that record */
    uint64_t n_regions, n_words;
};

/* The fields of a record; which of them count is the kind's business. */
struct build_record {
    uint64_t stamp;
    bool has_stack;
    uint64_t a, b, size;
    int64_t n;
    uint8_t flags;
    const char *text; /* NULL: none */
    uint64_t threshold[3];
};

/* The header, with a TSC of 1 stamp a nanosecond from stamp 0 to 1e9. */
void build_begin(struct build *b);
void build_release(struct build *b);
struct ouro_trace_header *build_header(struct build *b);

/* Ends the open chunk, if any, and begins one. */
void build_chunk(struct build *b, uint32_t thread, uint64_t first_stamp);
void build_kind_of_chunk(struct build *b, uint32_t kind, uint32_t thread,
                         uint64_t first_stamp);
void build_end_chunk(struct build *b);
struct ouro_chunk *build_head(struct build *b); /* of the open chunk */

/* Any kind from CUT on but PROCESS and MODULE. CUT: n frames; THREAD: n, and
   size the os_thread; EPOCH: n. UNMODULE: a epoch, b id. */
void build_record(struct build *b, unsigned kind,
                  const struct build_record *fields);
#define RECORD(b, kind, ...)                                                   \
    build_record((b), (kind), &(struct build_record){__VA_ARGS__})

/* Makes these n return addresses, outermost first, the current stack. */
void build_stack(struct build *b, uint32_t n, const uint64_t *ips);

void build_process(struct build *b, uint64_t stamp, const char *exe,
                   const char *cwd, uint32_t argc, uint32_t n,
                   const char *const *argv);
void build_module(struct build *b, uint64_t stamp, uint32_t epoch, uint32_t id,
                  uint64_t bias, uint64_t start, uint64_t end,
                  const char *build_id, const char *path);

/* The pieces that records are made of. */
void build_byte(struct build *b, unsigned byte);
void build_u(struct build *b, uint64_t v);
void build_s(struct build *b, int64_t v);
void build_addr(struct build *b, uint64_t addr);
void build_str(struct build *b, const char *text);
void build_text(struct build *b, const char *text);
void build_bytes(struct build *b, const void *bytes, size_t n);

/* What was written since `at` becomes the body of a record: its length goes
   before it. */
void build_len_before(struct build *b, size_t at);

/* Ends the open chunk and writes the file. False: it could not. */
bool build_save(struct build *b, const char *path);

#endif
