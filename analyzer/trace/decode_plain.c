/* SPDX-License-Identifier: MIT */
/*
 * Nearly all of a trace is allocations, frees, changes of counts and links, and
 * the stacks between them. They are decoded here with the state at hand, as
 * long as a whole record is in the window and nothing about it is special;
 * whatever else there is, and whatever is wrong, is left to decode_next, which
 * begins at the same record.
 */
#include "trace/decode.h"
#include "trace/kinds.h"

enum {
    COUNT_MAX = 14, /* pops, pushes: more of them take bytes of their own */
    /* The longest record but a stack of more frames than that. */
    PLAIN_MAX = 2 + (2 + COUNT_MAX) * OURO_VARINT_MAX,
};

/* A count of 15 and more takes bytes of its own. */
static uint64_t count(unsigned four_bits, const unsigned char **p)
{
    return four_bits <= COUNT_MAX ? four_bits : four_bits + cursor_varint(p);
}

/* The stack behind STACK's first byte; NULL, and nothing has changed: it is not
   plain. */
static const unsigned char *plain_stack(struct decoder *d,
                                        const unsigned char *p)
{
    const unsigned counts = *p++;
    const uint64_t pops = count(counts >> 4, &p);
    const uint64_t pushes = count(counts & 15, &p);
    const uint32_t depth = d->n_path - d->hidden;
    if (pops > depth || depth - pops > OURO_MAX_DEPTH ||
        pushes > OURO_MAX_DEPTH || d->room_path - d->n_path + pops < pushes ||
        (pushes > COUNT_MAX &&
         (size_t)(d->in.end - p) < pushes * OURO_VARINT_MAX))
        return NULL;
    const uint32_t from = d->n_path - (uint32_t)pops;
    struct path_frame *to = &d->path[from];
    uint32_t at = from > 0 ? to[-1].stack : d->root;
    for (const struct path_frame *end = to + pushes; to < end; to++) {
        const uint64_t number = cursor_small(&p);
        if (number == 0 || number > d->n_frames)
            return NULL;
        at = decode_push(d, at, number);
        if (at == STACKS_FULL)
            return NULL;
        *to = (struct path_frame){at, (uint32_t)number};
    }
    d->n_path = from + (uint32_t)pushes;
    return p;
}

/* The fields of a shape that has others than one address and a size; NULL: a
   string is new, or none. */
static const unsigned char *plain_fields(const struct decoder *d,
                                         enum shape shape,
                                         const unsigned char *p, uint64_t *addr,
                                         struct event *e)
{
    if (shape != SHAPE_TEXT_B)
        e->a = *addr += cursor_address(&p);
    if (shape == SHAPE_A_COOKIE)
        e->size = cursor_varint(&p);
    if (shape == SHAPE_A_N)
        e->n = cursor_unzigzag(cursor_varint(&p));
    if (shape == SHAPE_A_TEXT || shape >= SHAPE_A_TEXT_B) {
        const uint64_t v = cursor_small(&p);
        if (v == 1 || (v > 1 && v - 2 >= d->n_texts))
            return NULL;
        e->text = v ? d->texts[v - 2] : 0;
    }
    if (shape >= SHAPE_A_B)
        e->b = *addr += cursor_address(&p);
    return p;
}

uint32_t decode_plain(struct decoder *d, struct event *events, uint32_t most,
                      uint64_t before)
{
    const unsigned char *p = d->in.at;
    uint64_t stamp = d->stamp;
    uint64_t addr = d->addr;
    uint32_t n = 0;
    while (n < most && stamp < before && d->in.end - p >= PLAIN_MAX) {
        const unsigned kind = *p & ~(unsigned)OURO_HAS_STACK;
        const enum shape shape = kinds[kind].shape;
        const unsigned char *q = p + 1;
        if (kind == OURO_STACK) {
            q = plain_stack(d, q);
            if (!q)
                break;
            p = q;
            continue;
        }
        const uint64_t dt = cursor_varint(&q);
        if (shape < SHAPE_A || shape > SHAPE_TEXT_B || dt >= before - stamp)
            break;
        struct event *e = &events[n];
        *e = (struct event){
            .stamp = stamp + dt,
            .thread = d->thread,
            .stack = *p & OURO_HAS_STACK ? decode_top(d) : 0,
            .kind = (uint8_t)kind,
            .sealed = d->sealed,
        };
        uint64_t next = addr;
        if (shape <= SHAPE_A_SIZE) {
            e->a = next += cursor_address(&q);
            e->size = shape == SHAPE_A ? 0 : cursor_varint(&q);
        } else {
            q = plain_fields(d, shape, q, &next, e);
            if (!q)
                break;
        }
        p = q;
        stamp += dt;
        addr = next;
        n++;
    }
    d->in.at = p;
    d->stamp = stamp;
    d->addr = addr;
    return n;
}
