/* SPDX-License-Identifier: MIT */
#include "pack/columns.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

void column_grow(struct column *to, size_t n)
{
    if (to->room - to->n >= n)
        return;
    while (to->room - to->n < n)
        to->room = to->room ? to->room * 2 : 256;
    to->bytes = must_realloc(to->bytes, to->room, 1);
}

void columns_clear(struct columns *c)
{
    for (int i = 0; i < N_COLUMNS; i++)
        c->of[i].n = c->of[i].at = 0;
    c->fault = false;
}

void columns_release(struct columns *c)
{
    for (int i = 0; c->packing && i < N_COLUMNS; i++)
        free(c->of[i].bytes);
    *c = (struct columns){0};
}

size_t columns_size(const struct columns *c)
{
    size_t n = 0;
    for (int i = 0; i < N_COLUMNS; i++)
        n += c->of[i].n;
    return n;
}

void columns_put_number(struct column *to, uint64_t v)
{
    column_grow(to, 10);
    for (; v >= 128; v >>= 7)
        to->bytes[to->n++] = (unsigned char)(v | 128);
    to->bytes[to->n++] = (unsigned char)v;
}

uint64_t columns_take_number(struct columns *c, struct column *from)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70 && from->at < from->n; shift += 7) {
        const uint64_t byte = from->bytes[from->at++];
        v |= shift < 64 ? (byte & 127) << shift : 0;
        if (byte < 128)
            return v;
    }
    c->fault = true;
    return 0;
}

const unsigned char *columns_bytes(struct columns *c, enum column_name name,
                                   const unsigned char *bytes, size_t n)
{
    struct column *k = &c->of[name];
    if (c->packing) {
        column_grow(k, n);
        if (n > 0)
            memcpy(k->bytes + k->n, bytes, n);
        k->n += n;
        return bytes;
    }
    if (n > k->n - k->at) {
        c->fault = true;
        return NULL;
    }
    k->at += n;
    return k->bytes + k->at - n;
}
