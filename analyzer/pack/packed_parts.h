/* SPDX-License-Identifier: MIT */
/*
 * packed_parts.h - what packed.c, packed_trace.c and those who write what they
 * read know of each other
 */
#ifndef ANALYZER_PACK_PACKED_PARTS_H
#define ANALYZER_PACK_PACKED_PARTS_H

#include "arena.h"
#include "pack/columns.h"
#include "pack/packed.h"
#include "pack/seekable.h"

enum { PACKED_IS_BYTES = 0, PACKED_IS_CHUNK = 1 };

struct packed {
    int fd;
    struct seekable bytes;
    struct arena arena;
    struct columns index; /* in its column COLUMN_CHUNK */
    unsigned char *index_bytes;
    uint32_t n;
    struct packed_member *members;
};

struct packed_text {
    const unsigned char *bytes;
    size_t len;
};

/* The next of the index. */
uint64_t packed_take(struct columns *index);
struct packed_text packed_take_text(struct columns *index);

#endif
