/* SPDX-License-Identifier: MIT */
/*
 * seekable_table.h - the seek table of zstd's seekable format, byte for byte
 */
#ifndef ANALYZER_PACK_SEEKABLE_TABLE_H
#define ANALYZER_PACK_SEEKABLE_TABLE_H

#include <stdint.h>

#define SEEKABLE_SKIPPABLE 0x184d2a5eu
#define SEEKABLE_MAGIC     0x8f92eab1u

enum {
    SEEKABLE_HAS_CHECKSUMS = 0x80 /* in flags: entries have one more word */
};

struct seekable_entry {
    uint32_t packed, plain; /* bytes */
};

struct seekable_foot {
    uint32_t frames;
    uint8_t flags;
    uint32_t magic;
} __attribute__((packed));

_Static_assert(sizeof(struct seekable_entry) == 8, "the published format");
_Static_assert(sizeof(struct seekable_foot) == 9, "the published format");

#endif
