/* SPDX-License-Identifier: MIT */
#include "trace/decode.h"

#include "arena.h"
#include "trace/kinds.h"

#include <inttypes.h>

enum {
    /* A text and what stands before it. */
    TEXT_MAX = OURO_MAX_STRING + CURSOR_SLACK,
    /* All fields of a long record that has two texts at most. */
    LONG_MAX_FIELDS = 3 * TEXT_MAX,
};

struct text {
    const char *bytes; /* in the window, until the next but one text */
    size_t len;
};

/* One past the end of what the record holds, in the file. A read beyond it
   moves the cursor past it, which is looked at once, at the end. */
struct body {
    struct decoder *d;
    uint64_t end;
    bool bad_text;
};

static uint64_t take(struct body *b)
{
    return cursor_varint(&b->d->in.at);
}

static struct text take_text(struct body *b)
{
    static const struct text none = {"", 0};
    struct cursor *in = &b->d->in;
    if (in->at > in->end || cursor_offset(in) > b->end ||
        !cursor_need(in, TEXT_MAX)) {
        b->bad_text = true;
        return none;
    }
    const uint64_t len = take(b);
    if (len > OURO_MAX_STRING || cursor_offset(in) > b->end ||
        len > b->end - cursor_offset(in)) {
        b->bad_text = true;
        return none;
    }
    const struct text text = {(const char *)in->at, (size_t)len};
    in->at += len;
    return text;
}

static uint32_t take_string(struct body *b)
{
    const struct text text = take_text(b);
    return strings_id(b->d->strings, text.bytes, text.len);
}

static uint32_t take_u32(struct body *b)
{
    const uint64_t v = take(b);
    if (v > UINT32_MAX)
        b->bad_text = true;
    return (uint32_t)v;
}

static void module(struct body *b)
{
    struct module *m = &b->d->detail.module;
    m->epoch = take_u32(b);
    m->id = take_u32(b);
    m->gone = UINT32_MAX;
    m->bias = take(b);
    m->start = take(b);
    m->end = take(b);
    const struct text build_id = take_text(b);
    m->build_id = (const unsigned char *)build_id.bytes;
    m->build_id_len = (uint32_t)build_id.len;
    const uint32_t path = take_string(b); /* may move the texts */
    m->path = b->d->strings->text[path];
}

static void process(struct body *b)
{
    struct decoder *d = b->d;
    d->detail.exe = take_string(b);
    d->detail.cwd = take_string(b);
    d->detail.argc = take_u32(b);
    d->detail.n_argv = 0;
    const uint32_t n = take_u32(b);
    if (n > d->detail.argc)
        b->bad_text = true;
    for (uint32_t i = 0; i < n && !b->bad_text; i++) {
        GROW(d->detail.argv, d->detail.n_argv, d->detail.room_argv);
        d->detail.argv[d->detail.n_argv++] = take_string(b);
    }
}

static void inner_fields(struct body *b, enum shape shape)
{
    if (shape == SHAPE_MODULE)
        module(b);
    if (shape == SHAPE_PROCESS)
        process(b);
    if (shape == SHAPE_UNMODULE) {
        b->d->detail.module.epoch = take_u32(b);
        b->d->detail.module.id = take_u32(b);
    }
    if (shape == SHAPE_AS) {
        b->d->thread = take_u32(b);
        b->d->epoch = take_u32(b);
    }
}

static void folded(struct body *b, enum shape shape, struct event *e)
{
    if (shape == SHAPE_FOLDED)
        e->threshold[0] = take(b);
    e->threshold[1] = take(b);
    if (shape == SHAPE_FOLDED)
        e->threshold[2] = take(b);
    e->size = take(b);
    if (shape == SHAPE_FOLDED)
        e->n = (int64_t)take(b);
}

static void fields(struct body *b, enum shape shape, struct event *e)
{
    switch (shape) {
    case SHAPE_LONG_N:
        e->n = cursor_unzigzag(take(b));
        break;
    case SHAPE_LONG_U:
        e->n = (int64_t)take(b);
        break;
    case SHAPE_LONG_TEXT:
        e->text = take_string(b);
        break;
    case SHAPE_LONG_A:
        e->a = take(b);
        break;
    case SHAPE_LONG_A_TEXT:
        e->a = take(b);
        e->text = take_string(b);
        break;
    case SHAPE_LONG_A_B:
        e->a = take(b);
        e->b = take(b);
        break;
    case SHAPE_LONG_A_B_SIZE:
        e->a = take(b);
        e->b = take(b);
        e->size = take(b);
        break;
    case SHAPE_END:
        e->flags = *b->d->in.at++;
        e->n = cursor_unzigzag(take(b));
        break;
    case SHAPE_GAP:
        e->flags = *b->d->in.at++;
        e->text = take_string(b);
        break;
    case SHAPE_THRESHOLD:
        for (int i = 0; i < 3; i++)
            e->threshold[i] = take(b);
        break;
    case SHAPE_FOLDED:
    case SHAPE_FOLDED_SITE:
        folded(b, shape, e);
        break;
    default: /* no fields of an event, or a kind that is not known */
        inner_fields(b, shape);
        break;
    }
}

enum decoded decode_long(struct decoder *d, const unsigned char *p,
                         struct event *e)
{
    const uint64_t len = cursor_varint(&p);
    if (p > d->in.end)
        return decode_ran_out(d);
    d->in.at = p;
    if (len > (size_t)(d->in.end - p) + d->in.left)
        return decode_ran_out(d);
    if (!cursor_need(&d->in, LONG_MAX_FIELDS))
        return decode_unreadable(d);
    struct body b = {.d = d, .end = cursor_offset(&d->in) + len};
    d->detail.len = len;

    if (__builtin_add_overflow(d->stamp, take(&b), &d->stamp))
        return decode_damage(d, "a stamp passes 2^64");
    e->stamp = d->stamp;
    fields(&b, kinds[e->kind].shape, e);
    e->thread = d->thread;
    if (b.bad_text || cursor_offset(&d->in) > b.end)
        return decode_damage(d,
                             "the %" PRIu64 " bytes of a record of kind %u "
                             "do not hold its fields",
                             len, e->kind);
    cursor_seek(&d->in, b.end);
    return DECODED_RECORD;
}
