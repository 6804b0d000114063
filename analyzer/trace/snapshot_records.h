/* SPDX-License-Identifier: MIT */
/*
 * snapshot_records.h - the records of a snapshot's chunks, one after another
 *
 * Reads from chunk to chunk with one window of memory. A record's length and
 * its fields are checked, and that words stand inside their region, ascending;
 * which record may follow which is snapshot.c's.
 *
 *     snapshot_reader_open(&r, t, chunks, n_chunks, &arena, &e);
 *     while ((more = snapshot_reader_next(&r)) > 0)
 *         switch (r.kind) {
 *         case OURO_SNAP_WORDS:
 *             while ((n = snapshot_reader_words(&r, words, NULL, N)) > 0)
 *                 ...
 *     snapshot_reader_close(&r);
 */
#ifndef ANALYZER_TRACE_SNAPSHOT_RECORDS_H
#define ANALYZER_TRACE_SNAPSHOT_RECORDS_H

#include "trace/cursor.h"
#include "trace/snapshot.h"

struct snapshot_reader {
    const struct trace *t;
    const uint32_t *chunks; /* those that are still to come */
    uint32_t n_chunks;
    struct arena *arena; /* for texts and registers; NULL: they are left out */
    struct err *err;
    struct cursor in;
    bool cut;            /* the open chunk reaches past the end of the file */
    int fault;           /* of the record that is being read */
    uint64_t start, len; /* of the record: where, and after its length */
    uint64_t end;        /* where its last byte has been */
    unsigned kind;       /* enum ouro_snap, or one that is not known */

    struct snapshot told; /* BEGIN, END: what they say */
    struct snapshot_thread thread;
    struct snapshot_region region; /* where none was told: all memory */
    uint64_t floor;                /* words stand from here on */
    uint64_t at, last;             /* WORDS: as in ouro_trace.h */
};

/* Keeps all pointers. */
void snapshot_reader_open(struct snapshot_reader *r, const struct trace *t,
                          const uint32_t *chunks, uint32_t n_chunks,
                          struct arena *arena, struct err *e);
void snapshot_reader_close(struct snapshot_reader *r);

/* 1: a record; 0: no more, or the file was cut; -1: damage, err is filled. */
int snapshot_reader_next(struct snapshot_reader *r);

/* The next words of a WORDS record, `most` at most; `class` is filled, too,
   where it is not NULL. 0: no more of this record; -1: damage. */
int snapshot_reader_words(struct snapshot_reader *r,
                          struct snapshot_word *words, unsigned char *class,
                          uint32_t most);

/* Fills the reader's err with the place of the record; returns -1. */
int snapshot_reader_damaged(struct snapshot_reader *r, const char *fact);

#endif
