/* SPDX-License-Identifier: MIT */
/*
 * build_snapshot.h - a snapshot's chunks, for a trace made with build_trace.h
 *
 *     SNAPSHOT(&b, 1, 500, .why = OURO_SNAP_EXIT);   number 1, stamp 500
 *     SNAP_THREAD(&b, .thread = 1, .sp = 0x7000, .sure = 0x7000);
 *     build_region(&b, 0x5000, 0x1000, OURO_SNAP_HEAP, "");
 *     build_word(&b, 0x5008, 0x5010);
 *     build_snapshot_chunk(&b, 1, 500);              goes on in another chunk
 *     build_word(&b, 0x5018, 7);
 *     build_snapshot_end(&b);
 */
#ifndef TESTS_BUILD_SNAPSHOT_H
#define TESTS_BUILD_SNAPSHOT_H

#include "build_trace.h"

struct build_snapshot {
    uint8_t why, mode, flags;
    uint32_t epoch, os_thread;
    uint64_t malloc_at;
    int64_t tls;
    uint64_t tls_len;
    const char *name; /* NULL: none */
};

struct build_thread {
    uint32_t thread, os_thread;
    uint8_t seen;
    uint64_t sp, sure, end, tp;
    uint32_t n;
    const uint64_t *registers;
};

/* Ends the open chunk, if any, and begins one of a snapshot. */
void build_snapshot_chunk(struct build *b, uint32_t number, uint64_t stamp);
/* A first chunk, and BEGIN. */
void build_snapshot(struct build *b, uint32_t number, uint64_t stamp,
                    const struct build_snapshot *fields);
#define SNAPSHOT(b, number, stamp, ...)                                        \
    build_snapshot((b), (number), (stamp),                                     \
                   &(struct build_snapshot){__VA_ARGS__})
void build_thread(struct build *b, const struct build_thread *fields);
#define SNAP_THREAD(b, ...)                                                    \
    build_thread((b), &(struct build_thread){__VA_ARGS__})
void build_region(struct build *b, uint64_t start, uint64_t len, unsigned what,
                  const char *path);
/* In the WORDS record before it, or in a new one; of the class that suits the
   value, or of this one. */
void build_word(struct build *b, uint64_t at, uint64_t value);
void build_word_as(struct build *b, unsigned class, uint64_t at,
                   uint64_t value);
/* Ends the open WORDS record, if any; the other calls do that, too. */
void build_words_end(struct build *b);
/* END, with the numbers of regions and words that there were. */
void build_snapshot_end(struct build *b);
/* Any record: its kind, and its fields as they are. */
void build_snapshot_record(struct build *b, unsigned kind, const void *fields,
                           size_t n);

#endif
