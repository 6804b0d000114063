/* SPDX-License-Identifier: MIT */
/*
 * seekable.h - bytes in zstd frames of at most 1 MiB, each of which can be read
 * alone
 *
 * The published "seekable format" of zstd: frames one after the other, then a
 * skippable frame that holds the seek table:
 *
 *   u32 0x184d2a5e, u32 bytes that follow
 *   for each frame: u32 its bytes, u32 bytes that it holds
 *   u32 frames, u8 0, u32 0x8f92eab1
 *
 * So `zstd -d` gives all the bytes. They are known here by their offset among
 * them. A reader believes no number: a frame that does not hold what the table
 * says is damage, no frame is given more than 1 MiB, and the table is no longer
 * than what the file has for it.
 */
#ifndef ANALYZER_PACK_SEEKABLE_H
#define ANALYZER_PACK_SEEKABLE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SEEKABLE_FRAME = 1 << 20 };

struct seekable_frame {
    uint64_t at, holds; /* where it ends, in the file and among the bytes */
};

struct seekable_writer {
    FILE *to;
    void *zstd;
    bool failed; /* errno of the first failure is in `why` */
    int why;
    uint32_t n, room;
    struct seekable_frame *frames;
    size_t n_pending;
    unsigned char *pending, *packed; /* SEEKABLE_FRAME; what that may become */
};

/* Level: as zstd's. */
void seekable_begin(struct seekable_writer *w, FILE *to, int level);
/* The offset of the next byte that is put. */
uint64_t seekable_offset(const struct seekable_writer *w);
/* Bytes of the file so far. */
uint64_t seekable_packed(const struct seekable_writer *w);
void seekable_put(struct seekable_writer *w, const void *bytes, size_t n);
/* What comes next begins a frame. */
void seekable_cut(struct seekable_writer *w);
/* The table; gives up what it holds, but not `to`. False: errno is set. */
bool seekable_end(struct seekable_writer *w);

struct seekable {
    int fd;
    uint64_t size; /* of the file */
    uint32_t n;
    struct seekable_frame *frames;
    void *zstd;
    uint32_t loaded; /* frame in `bytes`; n: none */
    unsigned char *bytes, *packed;
};

/* fd is the caller's; NULL: it has a table. Else why it cannot be read. */
const char *seekable_open(struct seekable *s, int fd);
void seekable_close(struct seekable *s);
uint64_t seekable_len(const struct seekable *s);
/* False: they are not there, or damaged. */
bool seekable_read(struct seekable *s, uint64_t offset, void *to, size_t n);

#endif
