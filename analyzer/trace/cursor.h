/* SPDX-License-Identifier: MIT */
/*
 * cursor.h - a place in a chunk's bytes, read from the file window by window
 *
 * A file is read with pread, not mapped: when someone cuts it while it is read,
 * that is a short read and not a signal. (A packed one: source.h.)
 *
 * [at, end) are the bytes of the window that are still to come, `left` those of
 * the chunk behind it. Behind `end` there are CURSOR_SLACK bytes more that may
 * be read and mean nothing: so a few varints can be taken unchecked, and one
 * comparison of `at` with `end` afterwards tells whether they were there.
 */
#ifndef ANALYZER_TRACE_CURSOR_H
#define ANALYZER_TRACE_CURSOR_H

#include "trace/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CURSOR_SLACK = 128 };

struct cursor {
    const unsigned char *at, *end;
    uint64_t left;
    uint64_t file_at; /* where in the file `end` is */
    const struct source *from;
    unsigned char *bytes;
    size_t room;
};

/* `window`: how many bytes to read at once; 0: as is usual. */
void cursor_open(struct cursor *c, const struct source *from, uint64_t offset,
                 uint64_t len, size_t window);
void cursor_close(struct cursor *c);

/* Moves the window so that n bytes are in it, or all there are. False: the file
   could not be read, or is shorter than it was. */
bool cursor_fill(struct cursor *c, size_t n);

static inline bool cursor_need(struct cursor *c, size_t n)
{
    return (size_t)(c->end - c->at) >= n || c->left == 0 || cursor_fill(c, n);
}

/* Where in the file `at` is. */
static inline uint64_t cursor_offset(const struct cursor *c)
{
    return c->file_at - (uint64_t)(c->end - c->at);
}

/* Goes on at this offset in the file, which is not before `at` and not behind
   the end of the chunk. */
void cursor_seek(struct cursor *c, uint64_t offset);

/* The varint at *p, moving *p behind it; reads up to 9 bytes. Of 1 byte and of
   8 takes the same way: lengths that change all the time cannot be foreseen. */
static inline uint64_t cursor_varint(const unsigned char **p)
{
    uint64_t word;
    memcpy(&word, *p, sizeof word);
    if ((word & 0xff) == 0) {
        memcpy(&word, *p + 1, sizeof word);
        *p += 9;
        return word;
    }
    const unsigned n = (unsigned)__builtin_ctzll(word) + 1;
    *p += n;
    return word << (64 - 8 * n) >> (64 - 7 * n);
}

/* The same for one that is a single byte, as a rule. */
static inline uint64_t cursor_small(const unsigned char **p)
{
    const unsigned byte = **p;
    if (!(byte & 1))
        return cursor_varint(p);
    *p += 1;
    return byte >> 1;
}

static inline int64_t cursor_unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

/* How far an `addr` field is from the address before it. */
static inline uint64_t cursor_address(const unsigned char **p)
{
    const uint64_t v = cursor_varint(p);
    const uint64_t step = (uint64_t)cursor_unzigzag(v >> 1);
    return v & 1 ? step : 16 * step;
}

#endif
