/* SPDX-License-Identifier: MIT */
#include "build_snapshot.h"

void build_snapshot_chunk(struct build *b, uint32_t number, uint64_t stamp)
{
    build_kind_of_chunk(b, OURO_CHUNK_SNAPSHOT, number, stamp);
}

/* Where the fields of a record begin, once it has its kind. */
static size_t begin_fields(struct build *b, unsigned kind)
{
    build_words_end(b);
    build_byte(b, kind);
    return b->len;
}

void build_snapshot(struct build *b, uint32_t number, uint64_t stamp,
                    const struct build_snapshot *fields)
{
    build_snapshot_chunk(b, number, stamp);
    b->n_regions = b->n_words = 0;
    const size_t at = begin_fields(b, OURO_SNAP_BEGIN);
    build_byte(b, fields->why);
    build_byte(b, fields->mode);
    build_byte(b, fields->flags);
    build_u(b, fields->epoch);
    build_u(b, fields->os_thread);
    build_u(b, fields->malloc_at);
    build_s(b, fields->tls);
    build_u(b, fields->tls_len);
    build_text(b, fields->name ? fields->name : "");
    build_len_before(b, at);
}

void build_thread(struct build *b, const struct build_thread *fields)
{
    const size_t at = begin_fields(b, OURO_SNAP_THREAD);
    build_u(b, fields->thread);
    build_u(b, fields->os_thread);
    build_byte(b, fields->seen);
    build_u(b, fields->sp);
    build_u(b, fields->sure);
    build_u(b, fields->end);
    build_u(b, fields->tp);
    build_u(b, fields->n);
    for (uint32_t i = 0; i < fields->n; i++)
        build_u(b, fields->registers[i]);
    build_len_before(b, at);
}

void build_region(struct build *b, uint64_t start, uint64_t len, unsigned what,
                  const char *path)
{
    const size_t at = begin_fields(b, OURO_SNAP_REGION);
    build_u(b, start);
    build_u(b, len);
    build_byte(b, what);
    build_byte(b, 0);
    build_text(b, path);
    build_len_before(b, at);
    b->n_regions++;
}

void build_word_as(struct build *b, unsigned class, uint64_t at, uint64_t value)
{
    if (b->words == 0) {
        b->words = begin_fields(b, OURO_SNAP_WORDS);
        build_u(b, at);
        b->next_word = at;
        b->last_word = 0;
    }
    build_u(b, (at - b->next_word) / 8 * 4 + class);
    b->next_word = at + 8;
    b->n_words++;
    if (class == 0)
        build_u(b, value);
    if (class == 1)
        build_s(b, (int64_t)(value - at) / 8);
    if (class == 2) {
        build_s(b, (int64_t)(value - b->last_word));
        b->last_word = value;
    }
    if (class == 3)
        build_bytes(b, &value, sizeof value);
}

void build_word(struct build *b, uint64_t at, uint64_t value)
{
    const int64_t away = (int64_t)(value - at);
    if (value < 0x10000)
        build_word_as(b, 0, at, value);
    else if (away % 8 == 0 && away < INT32_MAX && away > INT32_MIN)
        build_word_as(b, 1, at, value);
    else
        build_word_as(b, value >> 47 == 0 ? 2 : 3, at, value);
}

void build_words_end(struct build *b)
{
    if (b->words != 0)
        build_len_before(b, b->words);
    b->words = 0;
}

void build_snapshot_end(struct build *b)
{
    const size_t at = begin_fields(b, OURO_SNAP_END);
    build_u(b, b->n_regions);
    build_u(b, b->n_words);
    build_u(b, b->n_words);
    build_u(b, 0);
    build_u(b, 1000);
    build_u(b, 2000);
    build_len_before(b, at);
}

void build_snapshot_record(struct build *b, unsigned kind, const void *fields,
                           size_t n)
{
    const size_t at = begin_fields(b, kind);
    build_bytes(b, fields, n);
    build_len_before(b, at);
}
