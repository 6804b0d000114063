/* SPDX-License-Identifier: MIT */
#include "words.h"

/* A number below it takes a byte less than a word as it is. */
#define FAR ((uint64_t)1 << 49)

enum {
    SMALL = 1 << 16,
    WORD_ROOM = 2 * OURO_VARINT_MAX,
    LEAST_ROOM = 1024, /* of a record: less is not worth its head */
};

struct words words_to(struct piece *to, const struct ranges *addresses,
                      bool all)
{
    struct words w = {.to = to, .addresses = addresses, .all = all};
    if (addresses->n > 0) {
        w.lowest = addresses->at[0].start;
        w.span = addresses->at[addresses->n - 1].end - w.lowest;
    }
    return w;
}

void words_close(struct words *w)
{
    if (w->is_open && !w->to->failed)
        piece_end(w->to);
    w->is_open = false;
}

static bool open_at(struct words *w, uintptr_t at)
{
    words_close(w);
    if (!piece_begin(w->to, OURO_SNAP_WORDS, LEAST_ROOM))
        return false;
    piece_unsigned(w->to, at);
    w->is_open = true;
    w->next = at;
    w->value = 0;
    return true;
}

/* Below FAR. Writes 8 bytes, also where it returns less. */
static inline unsigned char *put_number(unsigned char *to, uint64_t v)
{
    const unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
    const unsigned n = (bits + 6) / 7;
    const uint64_t whole = (v << 1 | 1) << (n - 1);
    __builtin_memcpy(to, &whole, sizeof whole);
    return to + n;
}

/* As the smaller of two numbers, mostly. */
static inline unsigned char *put_value(unsigned char *to, uint64_t *last,
                                       uint64_t skip, uintptr_t at, uint64_t v)
{
    const uint64_t far = v - at;
    const uint64_t by_place = encode_zigzag((uint64_t)((int64_t)far >> 3));
    const uint64_t by_last = encode_zigzag(v - *last);
    if (v < SMALL)
        return encode_unsigned(encode_unsigned(to, 4 * skip), v);
    if (far % 8 == 0 && by_place < by_last && by_place < FAR)
        return put_number(encode_unsigned(to, 4 * skip + 1), by_place);
    if (by_last < FAR) {
        *last = v;
        return put_number(encode_unsigned(to, 4 * skip + 2), by_last);
    }
    to = encode_unsigned(to, 4 * skip + 3);
    return encode_bytes(to, &v, sizeof v);
}

static inline bool is_in(const struct range *r, uint64_t v)
{
    return v - r->start < r->end - r->start;
}

/* Asked for an address that is between the first and the last of the ranges. */
static __attribute__((noinline)) bool find(struct words *w, uint64_t v)
{
    const struct range *r = ranges_from(w->addresses, v);
    if (r->start > v) {
        w->gap = (struct range){r[-1].end, r->start};
        return false;
    }
    w->before = w->last;
    w->last = *r;
    return true;
}

/* Not zero. */
static inline bool is_told(struct words *w, uint64_t v)
{
    if (v < SMALL || w->all)
        return true;
    if (v - w->lowest >= w->span || is_in(&w->gap, v))
        return false;
    return is_in(&w->last, v) || is_in(&w->before, v) || find(w, v);
}

/* Up to a word for which a record is to be opened; how many words that are. */
static size_t tell_some(struct words *w, uintptr_t at, const uint64_t *from,
                        size_t n)
{
    unsigned char *to = w->to->at;
    const unsigned char *full = w->is_open ? w->to->limit - WORD_ROOM : to;
    uintptr_t next = w->next;
    uint64_t value = w->value, told = 0;
    size_t i = 0;
    for (; i < n; i++) {
        const uint64_t v = from[i];
        if (v == 0 || !is_told(w, v))
            continue;
        if (__builtin_expect(to >= full, 0))
            break;
        const uintptr_t here = at + i * 8;
        to = put_value(to, &value, (here - next) / 8, here, v);
        next = here + 8;
        told++;
    }
    w->to->at = to;
    w->next = next;
    w->value = value;
    w->n_told += told;
    return i;
}

void words_tell(struct words *w, uintptr_t at, const uint64_t *from, size_t n)
{
    w->n_read += n;
    while (n > 0 && !w->to->failed) {
        const size_t some = tell_some(w, at, from, n);
        at += some * 8;
        from += some;
        n -= some;
        if (n > 0)
            open_at(w, at);
    }
}
