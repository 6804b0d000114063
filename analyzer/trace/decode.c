/* SPDX-License-Identifier: MIT */
#include "trace/decode.h"

#include "arena.h"
#include "trace/kinds.h"
#include "trace/state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    /* The longest short record but STACK: a new string and a few varints. */
    SHORT_MAX = OURO_MAX_STRING + CURSOR_SLACK,
    FRAME_MAX = 2 * OURO_VARINT_MAX,
};

enum decoded decode_damage(struct decoder *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(d->fault, sizeof d->fault, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < sizeof d->fault)
        snprintf(d->fault + n, sizeof d->fault - (size_t)n, "%s",
                 "; the file is damaged: read another copy, or record again");
    return DECODED_DAMAGE;
}

enum decoded decode_ran_out(struct decoder *d)
{
    if (d->cut)
        return DECODED_END;
    return decode_damage(d, "a record runs past the committed bytes");
}

enum decoded decode_unreadable(struct decoder *d)
{
    snprintf(d->fault, sizeof d->fault, "%s", source_complaint(d->in.from));
    return DECODED_DAMAGE;
}

void decode_open(struct decoder *d, struct trace *t,
                 const struct trace_chunk *chunk, size_t window)
{
    *d = (struct decoder){
        .stacks = &t->stacks,
        .strings = &t->strings,
        .sealed = chunk->sealed && !chunk->cut,
        .cut = chunk->cut,
        .stamp = chunk->first_stamp,
        .thread = chunk->thread,
    };
    cursor_open(&d->in, &t->state->source,
                chunk->offset + sizeof(struct ouro_chunk), chunk->len, window);
}

void decode_close(struct decoder *d)
{
    cursor_close(&d->in);
    free(d->frames);
    free(d->texts);
    free(d->path);
    free(d->detail.argv);
    *d = (struct decoder){0};
}

static void forget_frames(struct decoder *d)
{
    d->n_path = d->hidden = d->root = 0;
    d->n_frames = 0;
    d->ip = 0;
}

static uint64_t take_address(struct decoder *d, const unsigned char **p)
{
    d->addr += cursor_address(p);
    return d->addr;
}

static int64_t take_signed(const unsigned char **p)
{
    return cursor_unzigzag(cursor_varint(p));
}

/* A string that does not fit moves *p behind the end, which decode_next
   notices; a number that nothing has is UINT32_MAX. */
static uint32_t take_string(struct decoder *d, const unsigned char **p)
{
    const uint64_t v = cursor_varint(p);
    if (v == 0)
        return 0;
    if (v > 1)
        return v - 2 < d->n_texts ? d->texts[v - 2] : UINT32_MAX;
    const uint64_t len = cursor_varint(p);
    if (len > OURO_MAX_STRING)
        return UINT32_MAX;
    if (*p > d->in.end || len > (size_t)(d->in.end - *p)) {
        *p = d->in.end + 1;
        return 0;
    }
    const uint32_t id = strings_id(d->strings, (const char *)*p, (size_t)len);
    *p += len;
    GROW(d->texts, d->n_texts, d->room_texts);
    d->texts[d->n_texts++] = id;
    return id;
}

/* The stack begins again on frame 0, without the hidden frames. */
static bool drop_hidden(struct decoder *d)
{
    const uint32_t depth = d->n_path - d->hidden;
    uint32_t at = d->root = stacks_push(d->stacks, 0, 0);
    for (uint32_t i = 0; i < depth; i++) {
        const struct path_frame from = d->path[d->hidden + i];
        const uint32_t frame = d->stacks->frame[from.stack];
        at = stacks_push(d->stacks, at, frame);
        if (at == STACKS_FULL)
            return false;
        d->path[i] = (struct path_frame){at, from.number};
    }
    d->n_path = depth;
    d->hidden = 0;
    return d->root != STACKS_FULL;
}

static enum decoded too_many(struct decoder *d)
{
    snprintf(d->fault, sizeof d->fault,
             "more than 4294967294 different stacks or frames; record less at "
             "a time");
    return DECODED_DAMAGE;
}

static enum decoded cut(struct decoder *d, uint64_t n)
{
    d->detail.number = n;
    if (n > d->n_path - d->hidden) {
        d->hidden = d->n_path;
        return drop_hidden(d) ? DECODED_RECORD : too_many(d);
    }
    d->hidden += (uint32_t)n;
    if (d->hidden >= OURO_MAX_DEPTH && !drop_hidden(d))
        return too_many(d);
    return DECODED_RECORD;
}

/* A frame that is new in this chunk: its number, or 0 as take_frame. */
__attribute__((noinline)) static uint32_t new_frame(struct decoder *d,
                                                    const unsigned char **p)
{
    d->ip += (uint64_t)take_signed(p);
    if (*p > d->in.end)
        return 0;
    const uint32_t id = stacks_frame(d->stacks, d->ip, d->epoch);
    if (id == STACKS_FULL) {
        too_many(d);
        return 0;
    }
    GROW(d->frames, d->n_frames, d->room_frames);
    d->frames[d->n_frames++] =
        (struct known_frame){.id = id, .caller = STACKS_FULL};
    return d->n_frames;
}

/* A frame's number in this chunk; 0 where there is none, and d->fault then
   says why or *p is behind the end. */
static inline uint32_t take_frame(struct decoder *d, const unsigned char **p)
{
    const uint64_t v = cursor_small(p);
    if (v == 0)
        return new_frame(d, p);
    if (v <= d->n_frames)
        return (uint32_t)v;
    decode_damage(d, "a stack names frame %" PRIu64 " of %" PRIu32, v,
                  d->n_frames);
    return 0;
}

static void make_path(struct decoder *d, uint32_t pushes)
{
    while (d->room_path - d->n_path < pushes) {
        d->room_path = d->room_path ? d->room_path * 2 : 64;
        d->path = must_realloc(d->path, d->room_path, sizeof *d->path);
    }
}

static enum decoded push_frames(struct decoder *d, uint32_t pushes,
                                const unsigned char *p)
{
    uint32_t at = decode_top(d);
    make_path(d, pushes);
    d->detail.old_frames = d->n_frames;
    for (uint32_t i = 0; i < pushes; i++) {
        const uint32_t number = take_frame(d, &p);
        if (p > d->in.end)
            return decode_ran_out(d);
        if (number == 0)
            return DECODED_DAMAGE;
        at = decode_push(d, at, number);
        if (at == STACKS_FULL)
            return too_many(d);
        d->path[d->n_path++] = (struct path_frame){at, number};
    }
    d->in.at = p;
    return DECODED_RECORD;
}

static enum decoded stack(struct decoder *d, const unsigned char *p)
{
    const unsigned counts = *p++;
    uint64_t pops = counts >> 4;
    uint64_t pushes = counts & 15;
    if (pops == 15)
        pops += cursor_varint(&p);
    if (pushes == 15)
        pushes += cursor_varint(&p);
    if (p > d->in.end)
        return decode_ran_out(d);
    const uint32_t depth = d->n_path - d->hidden;
    if (pops > depth)
        return decode_damage(d, "a stack of %" PRIu32 " frames loses %" PRIu64,
                             depth, pops);
    d->n_path -= (uint32_t)pops;
    if (pushes > OURO_MAX_DEPTH || depth - pops > OURO_MAX_DEPTH)
        return decode_damage(d, "a stack is deeper than %d frames",
                             OURO_MAX_DEPTH);
    d->detail.pops = (uint32_t)pops;
    d->detail.pushes = (uint32_t)pushes;
    d->in.at = p;
    if (!cursor_need(&d->in, (size_t)pushes * FRAME_MAX))
        return decode_unreadable(d);
    return push_frames(d, (uint32_t)pushes, d->in.at);
}

/* CUT, THREAD and EPOCH. */
static enum decoded change_state(struct decoder *d, enum shape shape,
                                 const unsigned char *p, struct event *e)
{
    const uint64_t v = cursor_varint(&p);
    if (shape == SHAPE_THREAD)
        d->detail.number = cursor_varint(&p);
    if (p > d->in.end)
        return decode_ran_out(d);
    d->in.at = p;
    if (shape == SHAPE_CUT)
        return cut(d, v);
    if (v > UINT32_MAX)
        return decode_damage(d, "%s is number %" PRIu64,
                             shape == SHAPE_THREAD ? "a thread" : "an epoch",
                             v);
    forget_frames(d);
    if (shape == SHAPE_THREAD)
        e->thread = d->thread = (uint32_t)v;
    else
        d->epoch = (uint32_t)v;
    return DECODED_RECORD;
}

/* The fields of a short record that is an event. */
static const unsigned char *fields(struct decoder *d, enum shape shape,
                                   const unsigned char *p, struct event *e)
{
    switch (shape) {
    case SHAPE_A:
        e->a = take_address(d, &p);
        break;
    case SHAPE_A_SIZE:
    case SHAPE_A_COOKIE:
        e->a = take_address(d, &p);
        e->size = cursor_varint(&p);
        break;
    case SHAPE_A_N:
        e->a = take_address(d, &p);
        e->n = take_signed(&p);
        break;
    case SHAPE_A_TEXT:
        e->a = take_address(d, &p);
        e->text = take_string(d, &p);
        break;
    case SHAPE_A_B:
        e->a = take_address(d, &p);
        e->b = take_address(d, &p);
        break;
    case SHAPE_A_TEXT_B:
        e->a = take_address(d, &p);
        e->text = take_string(d, &p);
        e->b = take_address(d, &p);
        break;
    case SHAPE_TEXT_B:
        e->text = take_string(d, &p);
        e->b = take_address(d, &p);
        break;
    case SHAPE_NEW_AT:
        e->a = take_address(d, &p);
        e->text = take_string(d, &p);
        e->flags = *p++;
        e->n = take_signed(&p);
        e->size = cursor_varint(&p);
        break;
    case SHAPE_LINK_AT:
        e->a = take_address(d, &p);
        e->text = take_string(d, &p);
        e->n = take_signed(&p);
        e->size = take_address(d, &p);
        e->b = take_address(d, &p);
        break;
    default: /* SHAPE_NONE: no fields; the others never come here */
        break;
    }
    return p;
}

/* The rest of a short record; `p` is behind its kind. */
static enum decoded decode_short(struct decoder *d, const unsigned char *p,
                                 struct event *e)
{
    const enum shape shape = kinds[e->kind].shape;
    if (shape == SHAPE_UNKNOWN)
        return decode_damage(d, "there is no record of kind %u", e->kind);
    const uint64_t dt = cursor_varint(&p);
    if (__builtin_add_overflow(d->stamp, dt, &d->stamp))
        return decode_damage(d, "a stamp passes 2^64");
    e->stamp = d->stamp;
    if (shape <= SHAPE_EPOCH)
        return change_state(d, shape, p, e);
    p = fields(d, shape, p, e);
    if (p > d->in.end)
        return decode_ran_out(d);
    if (e->text == UINT32_MAX)
        return decode_damage(d,
                             "a string is longer than %d bytes or was not "
                             "defined before",
                             OURO_MAX_STRING);
    d->in.at = p;
    return DECODED_RECORD;
}

enum decoded decode_next(struct decoder *d, struct event *e)
{
    d->start = cursor_offset(&d->in);
    if (!cursor_need(&d->in, SHORT_MAX))
        return decode_unreadable(d);
    const unsigned char *p = d->in.at;
    if (p == d->in.end)
        return DECODED_END;
    const unsigned kind = *p & ~(unsigned)OURO_HAS_STACK;
    d->has_stack = *p++ & OURO_HAS_STACK;
    if (kind == OURO_STACK) {
        e->kind = OURO_STACK;
        e->stamp = d->stamp;
        e->thread = d->thread;
        return stack(d, p);
    }
    *e = (struct event){
        .stamp = d->stamp,
        .thread = d->thread,
        .kind = (uint8_t)kind,
        .stack = d->has_stack ? decode_top(d) : 0,
        .sealed = d->sealed,
    };
    return kind < FIRST_LONG ? decode_short(d, p, e) : decode_long(d, p, e);
}
