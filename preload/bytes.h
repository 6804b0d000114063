/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - reading call frame information byte by byte
 *
 * A reader that runs past its end or into a page that cannot be read answers
 * zeros from then on and has `bad` set: check once, at the end.
 */
#ifndef PRELOAD_BYTES_H
#define PRELOAD_BYTES_H

#include "window.h"

#include <stdbool.h>
#include <stdint.h>

struct bytes {
    uintptr_t at, end;
    struct window pages;
    bool bad;
};

struct bytes bytes_in(uintptr_t at, uintptr_t end);

uint8_t bytes_u8(struct bytes *b);
uint16_t bytes_u16(struct bytes *b);
uint32_t bytes_u32(struct bytes *b);
uint64_t bytes_u64(struct bytes *b);
uint64_t bytes_uleb(struct bytes *b);
int64_t bytes_sleb(struct bytes *b);
void bytes_skip(struct bytes *b, uint64_t n);

/* The next n bytes as a reader of their own. */
struct bytes bytes_part(struct bytes *b, uint64_t n);

/* A pointer in one of the encodings DW_EH_PE_* (no DW_EH_PE_aligned). */
uintptr_t bytes_pointer(struct bytes *b, uint8_t encoding);

#endif
