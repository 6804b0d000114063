/* SPDX-License-Identifier: MIT */
/*
 * piece.h - a snapshot's records, into chunks of their own (ouro_trace.h)
 *
 * A chunk is filled in memory and written when it is full: its records first,
 * its head after them. What does not fit the file, by its limits or the disk's,
 * ends the snapshot there and not the recording: `failed`, and nothing more is
 * written.
 */
#ifndef PRELOAD_PIECE_H
#define PRELOAD_PIECE_H

#include "encode.h"
#include "file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PIECE_HEAD = 4, /* of a record: its kind, and the length in three bytes */
    PIECE_RECORD = 8 * 1024, /* any record but WORDS is shorter */
};

struct piece {
    unsigned char *bytes; /* FILE_CHUNK_MAX of them */
    unsigned char *at, *limit;
    unsigned char *record; /* the one that is open */
    uint64_t offset;       /* of the chunk in the file; 0: none yet */
    uint32_t len;
    uint32_t snapshot, os_thread;
    uint64_t stamp;
    bool failed;
};

/* Opens a record of up to `room` bytes; its fields go to piece.at. False: it
   failed. */
bool piece_begin(struct piece *p, int kind, size_t room);
void piece_end(struct piece *p);

static inline size_t piece_room(const struct piece *p)
{
    return (size_t)(p->limit - p->at);
}

static inline void piece_unsigned(struct piece *p, uint64_t v)
{
    p->at = encode_unsigned(p->at, v);
}

void piece_text(struct piece *p, const char *text);

/* Writes the last chunk. */
void piece_close(struct piece *p);

#endif
