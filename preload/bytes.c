/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "module.h"

#include <string.h>

enum {
    ENCODING_OMIT = 0xff,
    ENCODING_FORMAT = 0x0f,
    ENCODING_BASE = 0x70,
    ENCODING_PC_RELATIVE = 0x10,
};

/* Of our own library it need not be asked whether it is there. */
struct bytes bytes_in(uintptr_t at, uintptr_t end)
{
    struct bytes b = {.at = at, .end = end, .bad = end < at};
    if (module_is_ours(at))
        b.pages = (struct window){at, end};
    return b;
}

static bool take(struct bytes *b, void *to, size_t n)
{
    memset(to, 0, n);
    if (b->bad || b->end - b->at < n || !window_jump(&b->pages, b->at, n)) {
        b->bad = true;
        return false;
    }
    memcpy(to, (const void *)b->at, n);
    b->at += n;
    return true;
}

uint8_t bytes_u8(struct bytes *b)
{
    uint8_t v;
    take(b, &v, sizeof v);
    return v;
}

uint16_t bytes_u16(struct bytes *b)
{
    uint16_t v;
    take(b, &v, sizeof v);
    return v;
}

uint32_t bytes_u32(struct bytes *b)
{
    uint32_t v;
    take(b, &v, sizeof v);
    return v;
}

uint64_t bytes_u64(struct bytes *b)
{
    uint64_t v;
    take(b, &v, sizeof v);
    return v;
}

uint64_t bytes_uleb(struct bytes *b)
{
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = bytes_u8(b);
        if (shift < 64)
            v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return v;
}

int64_t bytes_sleb(struct bytes *b)
{
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = bytes_u8(b);
        if (shift < 64)
            v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40))
        v |= ~(uint64_t)0 << shift;
    return (int64_t)v;
}

void bytes_skip(struct bytes *b, uint64_t n)
{
    if (b->bad || b->end - b->at < n)
        b->bad = true;
    else
        b->at += n;
}

struct bytes bytes_part(struct bytes *b, uint64_t n)
{
    struct bytes part = *b;
    bytes_skip(b, n);
    part.end = part.at + n;
    part.bad = b->bad;
    return part;
}

/* The formats are DWARF's: 2, 3, 4 are unsigned, the same plus 8 signed. */
static uint64_t number(struct bytes *b, uint8_t format)
{
    switch (format) {
    case 0x00:
    case 0x04:
    case 0x0c:
        return bytes_u64(b);
    case 0x01:
        return bytes_uleb(b);
    case 0x02:
        return bytes_u16(b);
    case 0x03:
        return bytes_u32(b);
    case 0x09:
        return (uint64_t)bytes_sleb(b);
    case 0x0a:
        return (uint64_t)(int64_t)(int16_t)bytes_u16(b);
    case 0x0b:
        return (uint64_t)(int64_t)(int32_t)bytes_u32(b);
    default:
        b->bad = true;
        return 0;
    }
}

uintptr_t bytes_pointer(struct bytes *b, uint8_t encoding)
{
    const uintptr_t place = b->at;
    if (encoding == ENCODING_OMIT)
        return 0;
    const uint64_t v = number(b, encoding & ENCODING_FORMAT);
    switch (encoding & ENCODING_BASE) {
    case 0:
        return (uintptr_t)v;
    case ENCODING_PC_RELATIVE:
        return (uintptr_t)v + place;
    default:
        b->bad = true;
        return 0;
    }
}
