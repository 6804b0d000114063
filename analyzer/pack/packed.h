/* SPDX-License-Identifier: MIT */
/*
 * packed.h - a packed recording: one file that stands for a directory
 *
 *   file    := seekable bytes                       (seekable.h)
 *   bytes   := magic (16) piece* index trailer
 *   trailer := u64 offset of the index, u64 its bytes, magic (8)
 *
 * Numbers of the index are columns.h's; a text is its length and its bytes.
 *
 *   index   := 2 (PACKED_VERSION), n, n times member
 *   member  := kind, text name, and by kind:
 *     1 FILE    offset, len: of its bytes. As it stood in the directory
 *     2 MODULE  text build-id, offset, len. The name is the path of a file of
 *               machine code; what only runs is zeros in it
 *     3 DEBUG   the same: the separate debug information of that file
 *     4 TRACE   len, tick, n, n times block, n, n times extent
 *   block   := offset, len, chunks, begins (1: with an empty model)
 *   extent  := gap, what, ...: what stands `gap` bytes behind the one before
 *     0 bytes   len, offset
 *     1 chunk   len, place, text head: of events; `place` in the blocks, whose
 *               chunks are numbered from 0 on
 *
 * A block's bytes are the length of each column of columns.h, then the columns:
 * model.h says what they mean. What no extent tells is zero.
 *
 * A trace in it is read as the file that it was. Offsets of chunks are the
 * same; where time was told in ticks the records of a chunk are fewer bytes
 * than they were. Chunks that are no longer whole or not understood, and what
 * is no chunk of events, are kept as they are.
 *
 * Reading bounds everything by the bytes that are there: the index is no longer
 * than PACKED_INDEX_RATIO times the file, a block than a frame, a chunk than
 * what its head says and MODEL_MAX_CHUNK.
 */
#ifndef ANALYZER_PACK_PACKED_H
#define ANALYZER_PACK_PACKED_H

#include "err.h"
#include "ouro_trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKED_SUFFIX  ".ouropack"
#define PACKED_MAGIC   "ouro packed 1\n\x1a\n"
#define PACKED_TRAILER "ouro-idx"

enum {
    PACKED_VERSION = 2,
    PACKED_INDEX_RATIO = 64,
    PACKED_MAX_CHUNK = 1 << 22, /* of events, in the trace */
};

enum packed_kind {
    PACKED_FILE = 1,
    PACKED_MODULE = 2,
    PACKED_DEBUG = 3,
    PACKED_TRACE = 4,
};

struct packed_trailer {
    uint64_t offset, len;
    char magic[8]; /* no zero byte behind it */
};

struct packed_member {
    enum packed_kind kind;
    const char *name;
    const unsigned char *build_id;
    uint32_t build_id_len;
    uint64_t offset, len;
    uint64_t at; /* TRACE: the rest of it in the index */
};

struct packed;

/* Does a packed recording stand there? */
bool packed_is(const char *path);

/* NULL: e is filled. */
struct packed *packed_open(const char *path, struct err *e);
void packed_close(struct packed *p);
uint32_t packed_n(const struct packed *p);
const struct packed_member *packed_at(const struct packed *p, uint32_t i);
/* NULL: none has that name. */
const struct packed_member *packed_find(const struct packed *p,
                                        enum packed_kind kind,
                                        const char *name);
/* n bytes of a FILE, MODULE or DEBUG. */
bool packed_read(struct packed *p, const struct packed_member *m,
                 uint64_t offset, void *to, size_t n);

/* The name behind the last slash of a path whose rest is a packed recording:
   "run.ouropack/17.0.trace". NULL: it is not one. `pack` gets the rest. */
const char *packed_split(const char *path, char *pack, size_t room);

/* A file of machine code that one needs: a descriptor of a copy without a
   name, or -1: it has none. */
int packed_module(const char *pack, enum packed_kind kind, const char *path,
                  const unsigned char *build_id, uint32_t build_id_len);

struct packed_trace;

/* A trace by its name; takes p in any case. NULL: e is filled. */
struct packed_trace *packed_trace_open(struct packed *p, const char *name,
                                       struct err *e);
void packed_trace_close(struct packed_trace *t);
uint64_t packed_trace_len(const struct packed_trace *t);
/* May be called from several threads. False: not there, or damaged. Chunks are
   best read in the order of their first stamps. */
bool packed_trace_read(struct packed_trace *t, void *to, size_t n,
                       uint64_t offset);
/* Are the n bytes at `at` told in one piece? Of a chunk, all that is read is;
   what is not told takes no room in the file, so nobody should read much. */
bool packed_trace_tells(const struct packed_trace *t, uint64_t at, uint64_t n);
/* The next place, from `at` on, that may hold something; the length: none. */
uint64_t packed_trace_data(const struct packed_trace *t, uint64_t at);

#endif
