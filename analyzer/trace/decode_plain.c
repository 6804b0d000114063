/* SPDX-License-Identifier: MIT */
/*
 * Nearly all of a trace is allocations, frees and the stacks between them. They
 * are decoded here with the state at hand, as long as a whole record is in the
 * window and nothing about it is special; whatever else there is, and whatever
 * is wrong, is left to decode_next, which begins at the same record.
 */
#include "trace/decode.h"

enum {
    COUNT_MAX = 14, /* pops, pushes: more of them take bytes of their own */
    /* The longest record: a stack, whose frames are 9 bytes each. */
    PLAIN_MAX = 2 + COUNT_MAX * OURO_VARINT_MAX,
};

/* The stack behind STACK's first byte; NULL, and nothing has changed: it is not
   plain. */
static const unsigned char *plain_stack(struct decoder *d,
                                        const unsigned char *p)
{
    const uint32_t pops = *p >> 4;
    const uint32_t pushes = *p & 15;
    const uint32_t depth = d->n_path - d->hidden;
    if (pops > COUNT_MAX || pushes > COUNT_MAX || pops > depth ||
        depth - pops > OURO_MAX_DEPTH || d->room_path - d->n_path < pushes)
        return NULL;
    const uint32_t from = d->n_path - pops;
    uint32_t at = from > 0 ? d->path[from - 1].stack : d->root;
    p++;
    for (uint32_t i = 0; i < pushes; i++) {
        const uint64_t number = cursor_small(&p);
        if (number == 0 || number > d->n_frames)
            return NULL;
        at = decode_push(d, at, number);
        if (at == STACKS_FULL)
            return NULL;
        d->path[from + i] = (struct path_frame){at, (uint32_t)number};
    }
    d->n_path = from + pushes;
    return p;
}

static bool is_plain(unsigned kind)
{
    return kind == OURO_FREE ||
           (kind >= OURO_ALLOC && kind < OURO_ALLOC + OURO_N_ENTRIES);
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
        const unsigned char *q = p + 1;
        if (kind == OURO_STACK) {
            q = plain_stack(d, q);
            if (!q)
                break;
            p = q;
            continue;
        }
        const uint64_t dt = cursor_varint(&q);
        if (!is_plain(kind) || dt >= before - stamp)
            break;
        stamp += dt;
        addr += cursor_address(&q);
        events[n++] = (struct event){
            .stamp = stamp,
            .thread = d->thread,
            .stack = *p & OURO_HAS_STACK ? decode_top(d) : 0,
            .kind = (uint8_t)kind,
            .sealed = d->sealed,
            .a = addr,
            .size = kind == OURO_FREE ? 0 : cursor_varint(&q),
        };
        p = q;
    }
    d->in.at = p;
    d->stamp = stamp;
    d->addr = addr;
    return n;
}
