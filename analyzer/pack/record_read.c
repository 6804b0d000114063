/* SPDX-License-Identifier: MIT */
#include "pack/record.h"

#include "arena.h"
#include "trace/cursor.h"

#include <stdlib.h>

void record_reader_begin(struct record_reader *r, const unsigned char *bytes,
                         size_t n, uint64_t first_stamp)
{
    r->at = bytes;
    r->end = bytes + n;
    r->fault = false;
    r->stamp = first_stamp;
    r->addr = r->ip = 0;
    r->depth = r->n_frames = r->n_texts = 0;
}

void record_reader_release(struct record_reader *r)
{
    free(r->frames);
    free(r->texts);
    *r = (struct record_reader){0};
}

static unsigned shortest(uint64_t v)
{
    const unsigned n = (70u - (unsigned)__builtin_clzll(v | 1)) / 7;
    return n > 8 ? OURO_VARINT_MAX : n;
}

static uint64_t take(struct record_reader *r)
{
    const unsigned char *from = r->at;
    if (from >= r->end) {
        r->fault = true;
        return 0;
    }
    const uint64_t v = cursor_varint(&r->at);
    if (r->at > r->end || (size_t)(r->at - from) != shortest(v))
        r->fault = true;
    return v;
}

static unsigned take_byte(struct record_reader *r)
{
    if (r->at < r->end)
        return *r->at++;
    r->fault = true;
    return 0;
}

static void take_time(struct record_reader *r)
{
    if (__builtin_add_overflow(r->stamp, take(r), &r->stamp))
        r->fault = true;
}

/* There are two ways to write a step of 16; only the short one is ours. */
static uint64_t take_address(struct record_reader *r)
{
    const uint64_t v = take(r);
    const uint64_t half = (uint64_t)cursor_unzigzag(v >> 1);
    const uint64_t step = v & 1 ? half : 16 * half;
    const bool is_ours =
        v & 1 ? step % 16 != 0 : (uint64_t)((int64_t)step >> 4) == half;
    r->fault |= !is_ours;
    return r->addr += step;
}

static void take_text(struct record_reader *r, struct record_text *to)
{
    const uint64_t v = take(r);
    *to = (struct record_text){.is_there = v > 0};
    if (v == 0)
        return;
    if (v > 1) {
        r->fault |= v - 2 >= r->n_texts;
        if (!r->fault)
            *to = r->texts[v - 2];
        return;
    }
    const uint64_t len = take(r);
    if (r->fault || len > OURO_MAX_STRING || len > (size_t)(r->end - r->at)) {
        r->fault = true;
        return;
    }
    to->bytes = r->at;
    to->len = (size_t)len;
    r->at += len;
    GROW(r->texts, r->n_texts, r->room_texts);
    r->texts[r->n_texts] = *to;
    r->texts[r->n_texts].number = r->n_texts + 1;
    r->n_texts++;
}

static void take_frame(struct record_reader *r, struct record_frame *to)
{
    const uint64_t v = take(r);
    if (v > r->n_frames)
        r->fault = true;
    if (r->fault)
        return;
    if (v > 0) {
        *to = (struct record_frame){r->frames[v - 1], (uint32_t)v};
        return;
    }
    r->ip += (uint64_t)cursor_unzigzag(take(r));
    *to = (struct record_frame){r->ip, 0};
    GROW(r->frames, r->n_frames, r->room_frames);
    r->frames[r->n_frames++] = r->ip;
}

static void take_stack(struct record_reader *r, struct record *to)
{
    const unsigned counts = take_byte(r);
    uint64_t pushes = counts & 15;
    to->pops = counts >> 4;
    if (to->pops == 15)
        to->pops += take(r);
    if (pushes == 15)
        pushes += take(r);
    if (r->fault || to->pops > r->depth || pushes > OURO_MAX_DEPTH ||
        r->depth - to->pops > OURO_MAX_DEPTH) {
        r->fault = true;
        return;
    }
    r->depth += (uint32_t)(pushes - to->pops);
    to->n_frames = (uint32_t)pushes;
    for (uint32_t i = 0; i < to->n_frames && !r->fault; i++)
        take_frame(r, &to->frames[i]);
}

static void take_long(struct record_reader *r, struct record *to)
{
    const uint64_t len = take(r);
    if (r->fault || len > (size_t)(r->end - r->at)) {
        r->fault = true;
        return;
    }
    const unsigned char *end = r->at + len;
    take_time(r);
    if (r->at > end) {
        r->fault = true;
        return;
    }
    to->bytes = r->at;
    to->len = (size_t)(end - r->at);
    r->at = end;
}

static void take_fields(struct record_reader *r, const char *fields,
                        struct record *to)
{
    int addresses = 0, numbers = 0;
    take_time(r);
    for (; *fields && !r->fault; fields++)
        switch (*fields) {
        case 'a':
            to->address[addresses++] = take_address(r);
            break;
        case 'c':
            to->address[addresses++] = take(r);
            break;
        case 'n':
            to->number[numbers++] = take(r);
            break;
        case 'b':
            to->number[numbers++] = take_byte(r);
            break;
        default:
            take_text(r, &to->text);
            break;
        }
}

/* What a record means for those after it. */
static void change_state(struct record_reader *r, const struct record *is)
{
    const unsigned kind = is->kind & ~(unsigned)OURO_HAS_STACK;
    if (kind == OURO_CUT)
        r->depth -=
            is->number[0] < r->depth ? (uint32_t)is->number[0] : r->depth;
    if (kind != OURO_THREAD && kind != OURO_EPOCH)
        return;
    r->fault |= is->number[0] > UINT32_MAX;
    r->depth = r->n_frames = 0;
    r->ip = 0;
}

bool record_read(struct record_reader *r, struct record *to)
{
    if (r->at >= r->end || r->fault)
        return false;
    *to = (struct record){.kind = (uint8_t)take_byte(r), .frames = to->frames};
    const char *fields = record_fields(to->kind);
    if (to->kind == OURO_STACK)
        take_stack(r, to);
    else if (record_is_long(to->kind))
        take_long(r, to);
    else if (fields)
        take_fields(r, fields, to);
    else
        r->fault = true;
    if (!r->fault)
        change_state(r, to);
    to->stamp = r->stamp;
    return !r->fault;
}
