/* SPDX-License-Identifier: MIT */
#include "words.h"

enum {
    SMALL = 1 << 16,
    WORD_ROOM = 2 * OURO_VARINT_MAX,
    LEAST_ROOM = 1024, /* of a record: less is not worth its head */
    AS_IT_IS = 8,      /* bytes */
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

/* The shortest of the ways to say it. */
static inline unsigned char *put_value(struct words *w, unsigned char *to,
                                       uint64_t skip, uintptr_t at, uint64_t v)
{
    const uint64_t far = v - at;
    const uint64_t by_place = encode_zigzag((uint64_t)((int64_t)far >> 3));
    const uint64_t by_last = encode_zigzag(v - w->value);
    if (v < SMALL)
        return encode_unsigned(encode_unsigned(to, 4 * skip), v);
    const unsigned place_len =
        far % 8 == 0 ? encode_len(by_place) : OURO_VARINT_MAX;
    const unsigned last_len = encode_len(by_last);
    if (place_len < last_len && place_len < AS_IT_IS)
        return encode_unsigned(encode_unsigned(to, 4 * skip + 1), by_place);
    if (last_len < AS_IT_IS) {
        w->value = v;
        return encode_unsigned(encode_unsigned(to, 4 * skip + 2), by_last);
    }
    to = encode_unsigned(to, 4 * skip + 3);
    return encode_bytes(to, &v, sizeof v);
}

static inline void tell(struct words *w, uintptr_t at, uint64_t v)
{
    struct piece *to = w->to;
    if (__builtin_expect(!w->is_open || piece_room(to) < WORD_ROOM, 0) &&
        !open_at(w, at))
        return;
    to->at = put_value(w, to->at, (at - w->next) / 8, at, v);
    w->next = at + 8;
    w->n_told++;
}

static __attribute__((noinline)) bool find(struct words *w, uint64_t v)
{
    const struct range *r = ranges_from(w->addresses, v);
    if (!r || r->start > v)
        return false;
    w->last = *r;
    return true;
}

/* Not zero. */
static inline bool is_told(struct words *w, uint64_t v)
{
    if (v < SMALL || w->all)
        return true;
    if (v - w->lowest >= w->span)
        return false;
    return v - w->last.start < w->last.end - w->last.start || find(w, v);
}

void words_tell(struct words *w, uintptr_t at, const uint64_t *from, size_t n)
{
    w->n_read += n;
    for (size_t i = 0; i < n && !w->to->failed; i++) {
        const uint64_t v = from[i];
        if (v != 0 && is_told(w, v))
            tell(w, at + i * 8, v);
    }
}
