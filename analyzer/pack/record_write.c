/* SPDX-License-Identifier: MIT */
#include "pack/record.h"

#include "arena.h"
#include "pack/columns.h"

#include <stdlib.h>
#include <string.h>

void record_writer_begin(struct record_writer *w, uint64_t first_stamp,
                         size_t most)
{
    w->n = 0;
    w->most = most;
    w->fault = false;
    w->stamp = first_stamp;
    w->addr = w->ip = 0;
}

void record_writer_release(struct record_writer *w)
{
    free(w->bytes);
    *w = (struct record_writer){0};
}

static bool has_room(struct record_writer *w, size_t n)
{
    if (n > w->most - w->n)
        w->fault = true;
    if (w->fault)
        return false;
    while (w->room - w->n < n) {
        w->room = w->room ? 2 * w->room : 4096;
        w->bytes = must_realloc(w->bytes, w->room, 1);
    }
    return true;
}

static void put_byte(struct record_writer *w, unsigned v)
{
    if (has_room(w, 1))
        w->bytes[w->n++] = (unsigned char)v;
}

static void put_bytes(struct record_writer *w, const void *bytes, size_t n)
{
    if (n == 0 || !has_room(w, n))
        return;
    memcpy(w->bytes + w->n, bytes, n);
    w->n += n;
}

static unsigned encode(unsigned char to[OURO_VARINT_MAX], uint64_t v)
{
    unsigned n = (70u - (unsigned)__builtin_clzll(v | 1)) / 7;
    if (n > 8) {
        to[0] = 0;
        memcpy(to + 1, &v, sizeof v);
        return OURO_VARINT_MAX;
    }
    const uint64_t w = (v << 1 | 1) << (n - 1);
    memcpy(to, &w, sizeof w);
    return n;
}

static void put(struct record_writer *w, uint64_t v)
{
    unsigned char bytes[OURO_VARINT_MAX] = {0};
    const unsigned n = encode(bytes, v);
    put_bytes(w, bytes, n);
}

static void put_address(struct record_writer *w, uint64_t addr)
{
    const uint64_t step = addr - w->addr;
    w->addr = addr;
    put(w, step % 16 == 0 ? columns_zigzag((int64_t)step >> 4) << 1
                          : columns_zigzag((int64_t)step) << 1 | 1);
}

static void put_text(struct record_writer *w, const struct record_text *t)
{
    if (!t->is_there || t->number > 0) {
        put(w, t->is_there ? (uint64_t)t->number + 1 : 0);
        return;
    }
    put(w, 1);
    put(w, t->len);
    put_bytes(w, t->bytes, t->len);
}

static void put_stack(struct record_writer *w, const struct record *r)
{
    const unsigned pops = r->pops < 15 ? (unsigned)r->pops : 15;
    const unsigned pushes = r->n_frames < 15 ? r->n_frames : 15;
    put_byte(w, pops << 4 | pushes);
    if (pops == 15)
        put(w, r->pops - 15);
    if (pushes == 15)
        put(w, r->n_frames - 15);
    for (uint32_t i = 0; i < r->n_frames; i++) {
        put(w, r->frames[i].number);
        if (r->frames[i].number > 0)
            continue;
        put(w, columns_zigzag((int64_t)(r->frames[i].ip - w->ip)));
        w->ip = r->frames[i].ip;
    }
}

static void put_fields(struct record_writer *w, const char *fields,
                       const struct record *r)
{
    int addresses = 0, numbers = 0;
    for (; *fields; fields++)
        switch (*fields) {
        case 'a':
            put_address(w, r->address[addresses++]);
            break;
        case 'c':
            put(w, r->address[addresses++]);
            break;
        case 'n':
            put(w, r->number[numbers++]);
            break;
        case 'b':
            put_byte(w, (unsigned)r->number[numbers++]);
            break;
        default:
            put_text(w, &r->text);
            break;
        }
}

void record_write(struct record_writer *w, const struct record *r)
{
    const unsigned kind = r->kind & ~(unsigned)OURO_HAS_STACK;
    put_byte(w, r->kind);
    if (r->kind == OURO_STACK) {
        put_stack(w, r);
        return;
    }
    const uint64_t dt = r->stamp - w->stamp;
    w->stamp = r->stamp;
    if (record_is_long(r->kind)) {
        unsigned char bytes[OURO_VARINT_MAX];
        const unsigned n = encode(bytes, dt);
        put(w, n + r->len);
        put_bytes(w, bytes, n);
        put_bytes(w, r->bytes, r->len);
        return;
    }
    put(w, dt);
    put_fields(w, record_fields(r->kind), r);
    if (kind == OURO_THREAD || kind == OURO_EPOCH)
        w->ip = 0;
}
