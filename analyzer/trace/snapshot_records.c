/* SPDX-License-Identifier: MIT */
#include "trace/snapshot_records.h"

#include "trace/state.h"

#include <inttypes.h>

enum fault {
    FINE,
    TOO_SHORT,  /* the record's bytes do not hold its fields */
    UNREADABLE, /* the file has become shorter */
};

enum { WORD_MAX = 2 * OURO_VARINT_MAX, SMALL_NUMBERS = 1 << 16 };

int snapshot_reader_damaged(struct snapshot_reader *r, const char *fact)
{
    return err_set(r->err,
                   "%s: byte %" PRIu64
                   ": %s; the file is damaged: read another copy, or record "
                   "again",
                   r->t->path, r->start, fact);
}

static int unreadable(struct snapshot_reader *r)
{
    return err_set(r->err, "%s: byte %" PRIu64 ": %s", r->t->path, r->start,
                   source_complaint(&r->t->state->source));
}

void snapshot_reader_open(struct snapshot_reader *r, const struct trace *t,
                          const uint32_t *chunks, uint32_t n_chunks,
                          struct arena *arena, struct err *e)
{
    *r = (struct snapshot_reader){
        .t = t,
        .chunks = chunks,
        .n_chunks = n_chunks,
        .arena = arena,
        .err = e,
        .region = {.len = UINT64_MAX},
    };
}

void snapshot_reader_close(struct snapshot_reader *r)
{
    cursor_close(&r->in);
}

static void open_chunk(struct snapshot_reader *r)
{
    const struct trace_chunk *chunk = &r->t->snapshot_chunks[*r->chunks];
    cursor_close(&r->in);
    cursor_open(&r->in, &r->t->state->source,
                chunk->offset + sizeof(struct ouro_chunk), chunk->len, 0);
    r->cut = chunk->cut;
    r->start = chunk->offset;
    r->chunks++;
    r->n_chunks--;
}

/* Whether n bytes can be read behind `at`, where at least one is the record's.
   Behind its last one there may be others, or the window's slack. */
static bool may_take(struct snapshot_reader *r, size_t n)
{
    if (r->fault != FINE)
        return false;
    if (cursor_offset(&r->in) >= r->end)
        r->fault = TOO_SHORT;
    else if (!cursor_need(&r->in, n))
        r->fault = UNREADABLE;
    return r->fault == FINE;
}

static uint64_t take(struct snapshot_reader *r)
{
    return may_take(r, OURO_VARINT_MAX) ? cursor_varint(&r->in.at) : 0;
}

static int64_t take_signed(struct snapshot_reader *r)
{
    return cursor_unzigzag(take(r));
}

static uint32_t take_u32(struct snapshot_reader *r)
{
    const uint64_t v = take(r);
    if (v > UINT32_MAX)
        r->fault = TOO_SHORT;
    return (uint32_t)v;
}

static uint8_t take_byte(struct snapshot_reader *r)
{
    return may_take(r, 1) ? *r->in.at++ : 0;
}

/* How many bytes of the record are still to come. */
static uint64_t remaining(const struct snapshot_reader *r)
{
    const uint64_t at = cursor_offset(&r->in);
    return at < r->end ? r->end - at : 0;
}

static const char *take_text(struct snapshot_reader *r)
{
    const uint64_t len = take(r);
    if (len == 0)
        return "";
    if (len > OURO_MAX_STRING || len > remaining(r))
        r->fault = TOO_SHORT;
    if (!may_take(r, (size_t)len))
        return "";
    const char *bytes = (const char *)r->in.at;
    r->in.at += len;
    return r->arena ? arena_text(r->arena, bytes, (size_t)len) : "";
}

static void begin(struct snapshot_reader *r)
{
    r->told.why = take_byte(r);
    r->told.mode = take_byte(r);
    r->told.flags = take_byte(r);
    r->told.epoch = take_u32(r);
    r->told.os_thread = take_u32(r);
    r->told.malloc_at = take(r);
    r->told.tls = take_signed(r);
    r->told.tls_len = take(r);
    r->told.name = take_text(r);
}

/* Each one takes a byte at least: memory follows the bytes that are there. */
static void registers(struct snapshot_reader *r)
{
    const uint32_t n = take_u32(r);
    r->thread.n_registers = 0;
    r->thread.registers = NULL;
    if (n > remaining(r))
        r->fault = TOO_SHORT;
    if (r->fault != FINE || !r->arena)
        return;
    uint64_t *values = ARENA_ARRAY(r->arena, n, uint64_t);
    for (uint32_t i = 0; i < n; i++)
        values[i] = take(r);
    r->thread.n_registers = n;
    r->thread.registers = values;
}

static void thread(struct snapshot_reader *r)
{
    r->thread.thread = take_u32(r);
    r->thread.os_thread = take_u32(r);
    r->thread.seen = take_byte(r);
    r->thread.sp = take(r);
    r->thread.sure = take(r);
    r->thread.end = take(r);
    r->thread.tp = take(r);
    registers(r);
}

static void region(struct snapshot_reader *r)
{
    r->region.start = take(r);
    r->region.len = take(r);
    r->region.what = take_byte(r);
    r->region.flags = take_byte(r);
    r->region.path = take_text(r);
    r->floor = r->region.start;
}

static void end(struct snapshot_reader *r)
{
    r->told.n_regions = take_u32(r);
    r->told.words_read = take(r);
    r->told.words_told = take(r);
    r->told.unreadable = take(r);
    r->told.pause_ns = take(r);
    r->told.ns = take(r);
}

static int fields(struct snapshot_reader *r)
{
    switch (r->kind) {
    case OURO_SNAP_BEGIN:
        begin(r);
        break;
    case OURO_SNAP_THREAD:
        thread(r);
        break;
    case OURO_SNAP_REGION:
        region(r);
        break;
    case OURO_SNAP_WORDS:
        r->at = take(r);
        r->last = 0;
        break;
    case OURO_SNAP_END:
        end(r);
        break;
    default:
        break;
    }
    if (r->fault == UNREADABLE)
        return unreadable(r);
    if (r->fault != FINE || cursor_offset(&r->in) > r->end)
        return snapshot_reader_damaged(
            r, "the bytes of a snapshot's record do not hold its fields");
    if (r->kind == OURO_SNAP_REGION &&
        r->region.len > UINT64_MAX - r->region.start)
        return snapshot_reader_damaged(r, "a region passes 2^64");
    if (r->kind == OURO_SNAP_WORDS && (r->at % 8 != 0 || r->at < r->floor))
        return snapshot_reader_damaged(
            r, "words between words, before their region, or before others");
    return 1;
}

/* Kind and length, which may stand where nothing is committed. */
static int head(struct snapshot_reader *r)
{
    struct cursor *in = &r->in;
    r->start = cursor_offset(in);
    r->kind = *in->at++;
    r->len = cursor_varint(&in->at);
    r->end = cursor_offset(in);
    r->fault = FINE;
    if (in->at > in->end || r->len > (size_t)(in->end - in->at) + in->left) {
        if (r->cut)
            return 0;
        return snapshot_reader_damaged(
            r, "a snapshot's record runs past the committed bytes");
    }
    r->end += r->len;
    if (r->kind == 0)
        return snapshot_reader_damaged(r, "a snapshot's record of kind 0");
    return 1;
}

int snapshot_reader_next(struct snapshot_reader *r)
{
    if (r->in.bytes)
        cursor_seek(&r->in, r->end);
    for (;;) {
        if (!cursor_need(&r->in, 1 + OURO_VARINT_MAX))
            return unreadable(r);
        if (r->in.at < r->in.end)
            break;
        if (r->n_chunks == 0)
            return 0;
        open_chunk(r);
    }
    const int more = head(r);
    return more > 0 ? fields(r) : more;
}

/* One word of the class in v's low bits; *at is where it stands. */
static inline uint64_t take_value(struct snapshot_reader *r, uint64_t v,
                                  uint64_t at, const unsigned char **p)
{
    uint64_t value;
    switch (v & 3) {
    case 0:
        return cursor_varint(p);
    case 1:
        return at + 8 * (uint64_t)cursor_unzigzag(cursor_varint(p));
    case 2:
        r->last += (uint64_t)cursor_unzigzag(cursor_varint(p));
        return r->last;
    default:
        memcpy(&value, *p, sizeof value);
        *p += sizeof value;
        return value;
    }
}

/* Where the window's last whole word begins, at the latest. */
static const unsigned char *words_end(const struct snapshot_reader *r)
{
    const struct cursor *in = &r->in;
    const uint64_t left = remaining(r);
    const size_t there = (size_t)(in->end - in->at);
    return left <= there ? in->at + left : in->end - WORD_MAX + 1;
}

int snapshot_reader_words(struct snapshot_reader *r,
                          struct snapshot_word *words, unsigned char *class,
                          uint32_t most)
{
    const uint64_t top = r->region.start + r->region.len;
    uint32_t n = 0;
    if (remaining(r) > 0 && !cursor_need(&r->in, WORD_MAX))
        return unreadable(r);
    const unsigned char *p = r->in.at;
    const unsigned char *const stop = words_end(r);
    uint64_t at = r->at;
    for (; p < stop && n < most; n++) {
        const uint64_t v = cursor_small(&p);
        if (at > top || (top - at) / 8 <= v >> 2)
            return snapshot_reader_damaged(r, "a word behind its region");
        at += 8 * (v >> 2);
        words[n].at = at;
        words[n].value = take_value(r, v, at, &p);
        if ((v & 3) == 0 && words[n].value >= SMALL_NUMBERS)
            return snapshot_reader_damaged(r, "a small number that is large");
        if (class)
            class[n] = v & 3;
        at += 8;
    }
    r->in.at = p;
    r->at = r->floor = at;
    if (cursor_offset(&r->in) > r->end)
        return snapshot_reader_damaged(r, "a record ends within a word");
    return (int)n;
}
