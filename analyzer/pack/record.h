/* SPDX-License-Identifier: MIT */
/*
 * record.h - one record of a chunk of events, as it is written
 *
 * Only what a chunk says itself, nothing of what it means: addresses are whole,
 * names are known by what they name and by their number in the chunk (0: this
 * record defines it). Reading accepts what writing gives, and nothing else: a
 * number that is longer than it need be, a stack deeper than may be, a record
 * that ends too late are `fault`, and such a chunk is kept as it is.
 */
#ifndef ANALYZER_PACK_RECORD_H
#define ANALYZER_PACK_RECORD_H

#include "ouro_trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORD_SLACK = 128, /* bytes behind a chunk that may be read */
    RECORD_MAX_FRAMES = 2 * OURO_MAX_DEPTH,
    RECORD_FIELDS = 3,
};

struct record_frame {
    uint64_t ip;
    uint32_t number; /* 0: new */
};

struct record_text {
    const unsigned char *bytes;
    size_t len;
    uint32_t number; /* 0: new */
    bool is_there;
};

struct record {
    uint8_t kind;   /* with OURO_HAS_STACK */
    uint64_t stamp; /* STACK: of the record before */
    uint64_t address[RECORD_FIELDS], number[RECORD_FIELDS];
    struct record_text text;
    uint64_t pops; /* STACK */
    uint32_t n_frames;
    struct record_frame *frames; /* RECORD_MAX_FRAMES of them */
    const unsigned char *bytes;  /* long: what follows dt */
    size_t len;
};

/* The fields of a short record: a address, c another one that stands as it is,
   n number or byte (b), t text; NULL: no event of a kind that is known. STACK
   has none, CUT, THREAD and EPOCH have numbers. */
const char *record_fields(unsigned kind);

static inline bool record_is_long(unsigned kind)
{
    return (kind & ~(unsigned)OURO_HAS_STACK) >= 0x40;
}

struct record_reader {
    const unsigned char *at, *end; /* RECORD_SLACK bytes more may be read */
    bool fault;
    uint64_t stamp, addr, ip;
    uint32_t depth;
    uint32_t n_frames, room_frames, n_texts, room_texts;
    uint64_t *frames;          /* by number - 1 */
    struct record_text *texts; /* by number - 1 */
};

void record_reader_begin(struct record_reader *r, const unsigned char *bytes,
                         size_t n, uint64_t first_stamp);
void record_reader_release(struct record_reader *r);
/* False: the end, or `fault`. `to->frames` is the caller's. */
bool record_read(struct record_reader *r, struct record *to);

struct record_writer {
    unsigned char *bytes;
    size_t n, room, most; /* most: of bytes; more is a fault */
    bool fault;
    uint64_t stamp, addr, ip;
};

void record_writer_begin(struct record_writer *w, uint64_t first_stamp,
                         size_t most);
void record_writer_release(struct record_writer *w);
void record_write(struct record_writer *w, const struct record *r);

#endif
