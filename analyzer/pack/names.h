/* SPDX-License-Identifier: MIT */
/*
 * names.h - return addresses and strings, which each chunk numbers anew
 *
 * Here they have one number each, from 0 on in order of first use, as long as
 * the model lives. What a chunk calls them follows: the first use in a chunk
 * defines the name, a later one refers to it. Where a chunk does otherwise
 * (the guest forgets some names) that is an exception, told in
 * COLUMN_EXCEPTION: how many uses were as expected, then what this one is (0:
 * defined again; else the number in the chunk). A chunk ends with how many were
 * as expected.
 */
#ifndef ANALYZER_PACK_NAMES_H
#define ANALYZER_PACK_NAMES_H

#include "pack/columns.h"

enum { NAMES_MAX = 1 << 20, NAMES_MAX_TEXT = 1 << 25 };

struct name_use {
    uint32_t tag, number;
};

struct numbering {
    uint32_t room;
    struct name_use *uses; /* by name */
    uint32_t tag;          /* uses with another one are of the past */
    uint32_t n;            /* numbers given */
};

/* Of a chunk: how far to the next exception. */
struct name_gap {
    uint64_t n;
};

struct frames {
    uint32_t n, room;
    uint64_t *ip;
    uint64_t last; /* the one defined last */
    uint32_t n_slots;
    uint32_t *slots; /* packing: frame + 1 by hash */
    struct numbering in_chunk;
};

struct texts {
    uint32_t n, room;
    size_t *first; /* of each in `bytes`; the next one's is its end */
    unsigned char *bytes;
    size_t room_bytes;
    uint32_t n_slots;
    uint32_t *slots;
    struct numbering in_chunk;
};

void frames_release(struct frames *f);
void texts_release(struct texts *t);

/* Packing: the number of a name, n where it is new. */
uint32_t frames_find(struct frames *f, uint64_t ip);
uint32_t texts_find(struct texts *t, const unsigned char *bytes, size_t len);

/* Codes the name itself if it is new, that is, its number n. Sets fault where
   there is none of that number, or too many. */
void frames_code(struct frames *f, struct columns *c, uint32_t name,
                 uint64_t ip);
void texts_code(struct texts *t, struct columns *c, uint32_t name,
                const unsigned char *bytes, size_t len);

/* Nothing has a number in the chunk. */
void numbering_clear(struct numbering *k);
/* Codes what the chunk calls the name: 0: it defines it; else the number. */
uint32_t numbering_code(struct numbering *k, struct columns *c,
                        struct name_gap *gap, uint32_t name, uint32_t number);
void name_gap_begin(struct name_gap *gap, struct columns *c);
void name_gap_end(struct name_gap *gap, struct columns *c);

#endif
