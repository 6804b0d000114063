/* SPDX-License-Identifier: MIT */
/*
 * encode.h - numbers as the trace writes them
 *
 * Each function writes at `at`, and nothing behind what it returns: where the
 * next byte goes.
 */
#ifndef PRELOAD_ENCODE_H
#define PRELOAD_ENCODE_H

#include "ouro_trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes encode_unsigned will take. */
static inline unsigned encode_len(uint64_t v)
{
    const unsigned n = (70u - (unsigned)__builtin_clzll(v | 1)) / 7;
    return n > 8 ? OURO_VARINT_MAX : n;
}

/* The first n bytes of w, 2 <= n <= 8, as two pieces that may overlap. */
static inline unsigned char *encode_piece(unsigned char *at, uint64_t w,
                                          unsigned n)
{
    if (n < 4) {
        const uint16_t low = (uint16_t)w, high = (uint16_t)(w >> (n - 2) * 8);
        __builtin_memcpy(at, &low, 2);
        __builtin_memcpy(at + n - 2, &high, 2);
    } else {
        const uint32_t low = (uint32_t)w, high = (uint32_t)(w >> (n - 4) * 8);
        __builtin_memcpy(at, &low, 4);
        __builtin_memcpy(at + n - 4, &high, 4);
    }
    return at + n;
}

static inline unsigned char *encode_unsigned(unsigned char *at, uint64_t v)
{
    if (__builtin_expect(v < 1u << 7, 1)) {
        *at = (unsigned char)(v << 1 | 1);
        return at + 1;
    }
    if (__builtin_expect(v < 1u << 14, 1)) {
        const uint16_t two = (uint16_t)(v << 2 | 2);
        __builtin_memcpy(at, &two, 2);
        return at + 2;
    }
    const unsigned n = encode_len(v);
    if (__builtin_expect(n > 8, 0)) {
        *at = 0;
        __builtin_memcpy(at + 1, &v, sizeof v);
        return at + 1 + sizeof v;
    }
    return encode_piece(at, (v << 1 | 1) << (n - 1), n);
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
