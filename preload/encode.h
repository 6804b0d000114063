/* SPDX-License-Identifier: MIT */
/*
 * encode.h - numbers as the trace writes them
 *
 * Each function writes at `at` and returns where the next byte goes. They store
 * eight bytes at a time: OURO_VARINT_MAX bytes must be writable.
 */
#ifndef PRELOAD_ENCODE_H
#define PRELOAD_ENCODE_H

#include "ouro_trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline unsigned char *encode_word(unsigned char *at, uint64_t w)
{
    __builtin_memcpy(at, &w, sizeof w);
    return at + sizeof w;
}

static inline unsigned char *encode_unsigned(unsigned char *at, uint64_t v)
{
    if (__builtin_expect(v < 1u << 7, 1)) {
        *at = (unsigned char)(v << 1 | 1);
        return at + 1;
    }
    const unsigned n = (70u - (unsigned)__builtin_clzll(v)) / 7;
    if (__builtin_expect(n > 8, 0)) {
        *at = 0;
        return encode_word(at + 1, v);
    }
    encode_word(at, (v << 1 | 1) << (n - 1));
    return at + n;
}

static inline uint64_t encode_zigzag(uint64_t v)
{
    return v << 1 ^ (0 - (v >> 63));
}

static inline unsigned char *encode_signed(unsigned char *at, uint64_t v)
{
    return encode_unsigned(at, encode_zigzag(v));
}

/* An address against the last one, *last. */
static inline unsigned char *encode_addr(unsigned char *at, uint64_t *last,
                                         uint64_t addr)
{
    const uint64_t step = addr - *last;
    *last = addr;
    if (__builtin_expect(step % 16 == 0, 1)) {
        const uint64_t sixteenth = (uint64_t)((int64_t)step >> 4);
        return encode_unsigned(at, encode_zigzag(sixteenth) << 1);
    }
    return encode_unsigned(at, encode_zigzag(step) << 1 | 1);
}

/* Can encode_addr say it? Not a step of 2^62 and more that is no multiple of
   16: no two places of one process are that far apart. */
static inline bool encode_can_say(uint64_t last, uint64_t addr)
{
    const uint64_t step = addr - last;
    return step % 16 == 0 || encode_zigzag(step) >> 63 == 0;
}

static inline unsigned char *encode_bytes(unsigned char *at, const void *from,
                                          size_t n)
{
    __builtin_memcpy(at, from, n);
    return at + n;
}

#endif
