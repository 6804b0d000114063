/* SPDX-License-Identifier: MIT */
/*
 * varint.h - the numbers of a trace, written
 */
#ifndef ANALYZER_TRACE_VARINT_H
#define ANALYZER_TRACE_VARINT_H

#include <stdint.h>

/* Writes up to OURO_VARINT_MAX bytes; where the next ones go. */
static inline unsigned char *varint_put(unsigned char *to, uint64_t v)
{
    unsigned n = 1;
    while (n < 9 && v >> 7 * n != 0)
        n++;
    /* n - 1 zero bits, a one, and the value: 8 * n bits */
    uint64_t word = n < 9 ? (v << 1 | 1) << (n - 1) : v;
    if (n == 9) {
        *to++ = 0;
        n = 8;
    }
    for (; n > 0; n--, word >>= 8)
        *to++ = (unsigned char)word;
    return to;
}

static inline uint64_t varint_zigzag(int64_t v)
{
    const uint64_t u = (uint64_t)v;
    return u << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

/* The number of an address that comes after `last`. */
static inline uint64_t varint_step(uint64_t last, uint64_t addr)
{
    const int64_t step = (int64_t)(addr - last);
    if (step % 16 == 0)
        return varint_zigzag(step / 16) << 1;
    return varint_zigzag(step) << 1 | 1;
}

#endif
