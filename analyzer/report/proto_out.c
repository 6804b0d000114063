/* SPDX-License-Identifier: MIT */
#include "report/proto_out.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum wire { WIRE_VARINT = 0, WIRE_LEN = 2 };

void proto_out_clear(struct proto_out *p)
{
    p->n = 0;
}

void proto_out_release(struct proto_out *p)
{
    free(p->at);
    *p = (struct proto_out){0};
}

static void put(struct proto_out *p, const void *bytes, size_t n)
{
    if (p->room - p->n < n) {
        p->room = 2 * p->room + n + 64;
        p->at = must_realloc(p->at, p->room, 1);
    }
    if (n > 0)
        memcpy(p->at + p->n, bytes, n);
    p->n += n;
}

static size_t varint(unsigned char to[10], uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        to[n++] = (unsigned char)(v | 0x80);
    to[n++] = (unsigned char)v;
    return n;
}

static void put_varint(struct proto_out *p, uint64_t v)
{
    unsigned char bytes[10];
    const size_t n = varint(bytes, v);
    put(p, bytes, n);
}

static void put_tag(struct proto_out *p, unsigned field, enum wire type)
{
    put_varint(p, (uint64_t)field << 3 | type);
}

void proto_number(struct proto_out *p, unsigned field, uint64_t v)
{
    if (v == 0)
        return;
    put_tag(p, field, WIRE_VARINT);
    put_varint(p, v);
}

void proto_bytes(struct proto_out *p, unsigned field, const void *bytes,
                 size_t n)
{
    put_tag(p, field, WIRE_LEN);
    put_varint(p, n);
    put(p, bytes, n);
}

void proto_numbers(struct proto_out *p, unsigned field, const uint64_t *v,
                   size_t n)
{
    unsigned char bytes[10];
    size_t len = 0;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        len += varint(bytes, v[i]);
    put_tag(p, field, WIRE_LEN);
    put_varint(p, len);
    for (size_t i = 0; i < n; i++)
        put_varint(p, v[i]);
}

void proto_message(struct proto_out *p, unsigned field,
                   const struct proto_out *message)
{
    proto_bytes(p, field, message->at, message->n);
}
