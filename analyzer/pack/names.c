/* SPDX-License-Identifier: MIT */
#include "pack/names.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void frames_release(struct frames *f)
{
    free(f->ip);
    free(f->slots);
    free(f->in_chunk.uses);
    *f = (struct frames){0};
}

void texts_release(struct texts *t)
{
    free(t->first);
    free(t->bytes);
    free(t->slots);
    free(t->in_chunk.uses);
    *t = (struct texts){0};
}

static uint64_t hash_of_ip(uint64_t ip)
{
    return XXH3_64bits(&ip, sizeof ip);
}

static uint64_t hash_of_text(const struct texts *t, uint32_t i)
{
    return XXH3_64bits(t->bytes + t->first[i], t->first[i + 1] - t->first[i]);
}

static void insert(uint32_t *slots, uint32_t n_slots, uint64_t hash,
                   uint32_t name)
{
    uint64_t i = hash & (n_slots - 1);
    while (slots[i] != 0)
        i = (i + 1) & (n_slots - 1);
    slots[i] = name + 1;
}

static bool is_tight(uint32_t n, uint32_t n_slots)
{
    return n_slots / 2 <= n;
}

static uint32_t twice(uint32_t n_slots)
{
    return n_slots ? 2 * n_slots : 1024;
}

uint32_t frames_find(struct frames *f, uint64_t ip)
{
    if (is_tight(f->n, f->n_slots)) {
        free(f->slots);
        f->n_slots = twice(f->n_slots);
        f->slots = must_calloc(f->n_slots, sizeof *f->slots);
        for (uint32_t i = 0; i < f->n; i++)
            insert(f->slots, f->n_slots, hash_of_ip(f->ip[i]), i);
    }
    const uint64_t mask = f->n_slots - 1;
    for (uint64_t i = hash_of_ip(ip) & mask; f->slots[i]; i = (i + 1) & mask)
        if (f->ip[f->slots[i] - 1] == ip)
            return f->slots[i] - 1;
    return f->n;
}

uint32_t texts_find(struct texts *t, const unsigned char *bytes, size_t len)
{
    if (is_tight(t->n, t->n_slots)) {
        free(t->slots);
        t->n_slots = twice(t->n_slots);
        t->slots = must_calloc(t->n_slots, sizeof *t->slots);
        for (uint32_t i = 0; i < t->n; i++)
            insert(t->slots, t->n_slots, hash_of_text(t, i), i);
    }
    const uint64_t mask = t->n_slots - 1;
    for (uint64_t i = XXH3_64bits(bytes, len) & mask; t->slots[i];
         i = (i + 1) & mask) {
        const uint32_t name = t->slots[i] - 1;
        if (t->first[name + 1] - t->first[name] == len &&
            memcmp(t->bytes + t->first[name], bytes, len) == 0)
            return name;
    }
    return t->n;
}

void frames_code(struct frames *f, struct columns *c, uint32_t name,
                 uint64_t ip)
{
    if (name > f->n || name >= NAMES_MAX)
        c->fault = true;
    if (c->fault || name < f->n)
        return;
    f->last = columns_step(c, COLUMN_NAME, ip, f->last);
    GROW(f->ip, f->n, f->room);
    f->ip[f->n++] = f->last;
    if (c->packing)
        insert(f->slots, f->n_slots, hash_of_ip(ip), name);
}

void texts_code(struct texts *t, struct columns *c, uint32_t name,
                const unsigned char *bytes, size_t len)
{
    const size_t end = t->n > 0 ? t->first[t->n] : 0;
    if (name > t->n || name >= NAMES_MAX)
        c->fault = true;
    if (c->fault || name < t->n)
        return;
    len = columns_number(c, COLUMN_NAME, len);
    if (len > NAMES_MAX_TEXT - end)
        c->fault = true;
    const unsigned char *from =
        c->fault ? NULL : columns_bytes(c, COLUMN_TEXT, bytes, len);
    if (c->fault)
        return;
    while (t->room_bytes - end < len || t->room_bytes == 0) {
        t->room_bytes = t->room_bytes ? 2 * t->room_bytes : 4096;
        t->bytes = must_realloc(t->bytes, t->room_bytes, 1);
    }
    if (len > 0)
        memcpy(t->bytes + end, from, len);
    if (t->n + 2 > t->room) {
        t->room = t->room ? 2 * t->room : 64;
        t->first = must_realloc(t->first, t->room, sizeof *t->first);
    }
    t->first[t->n] = end;
    t->first[++t->n] = end + len;
    if (c->packing)
        insert(t->slots, t->n_slots, hash_of_text(t, name), name);
}

void numbering_clear(struct numbering *k)
{
    k->tag++;
    k->n = 0;
}

static struct name_use *use_of(struct numbering *k, uint32_t name)
{
    const uint32_t was = k->room;
    if (name < was)
        return &k->uses[name];
    while (k->room <= name)
        k->room = k->room ? 2 * k->room : 64;
    k->uses = must_realloc(k->uses, k->room, sizeof *k->uses);
    memset(k->uses + was, 0, (k->room - was) * sizeof *k->uses);
    return &k->uses[name];
}

void name_gap_begin(struct name_gap *gap, struct columns *c)
{
    gap->n = c->packing ? 0 : columns_number(c, COLUMN_EXCEPTION, 0);
}

void name_gap_end(struct name_gap *gap, struct columns *c)
{
    if (c->packing)
        columns_number(c, COLUMN_EXCEPTION, gap->n);
}

static uint32_t expected(const struct numbering *k, const struct name_use *use)
{
    return use->tag == k->tag ? use->number : 0;
}

uint32_t numbering_code(struct numbering *k, struct columns *c,
                        struct name_gap *gap, uint32_t name, uint32_t number)
{
    struct name_use *use = use_of(k, name);
    const bool is_exception =
        c->packing ? number != expected(k, use) : gap->n == 0;
    if (!is_exception) {
        number = expected(k, use);
        gap->n += c->packing ? 1 : UINT64_MAX;
    } else if (c->packing) {
        columns_number(c, COLUMN_EXCEPTION, gap->n);
        columns_number(c, COLUMN_EXCEPTION, number);
        gap->n = 0;
    } else {
        number = (uint32_t)columns_number(c, COLUMN_EXCEPTION, 0);
        gap->n = columns_number(c, COLUMN_EXCEPTION, 0);
    }
    if (number == 0)
        *use = (struct name_use){k->tag, ++k->n};
    return number;
}
