/* SPDX-License-Identifier: MIT */
#include "pack/addresses_parts.h"

enum {
    N_KNOWN = 5,
    N_RECENT = 8,
    N_GIVEN = N_KNOWN + N_RECENT,
    FAR_ADDRESS = ADDRESSES_FAR - 1,
    FOLLOWED = 4, /* steps */
    LANDS = 32,   /* allocations away */
};

/* It is not near the one that was freed before. A step that is rare tells which
   one of the past it is like: the same lag twice is no chance. */
static void land(struct addresses *a, struct addresses_birth b)
{
    const struct addresses_birth last = a->landed;
    const uint32_t step =
        (b.nth - last.nth) * 0x9e3779b1u ^ (uint32_t)b.place * 0x85ebca6bu;
    uint32_t *like =
        &a->stepped[step * 0x9e3779b1u >> (32 - ADDRESSES_STEP_BITS)];
    if (last.place == b.place && *like) {
        if (a->lag_seen == b.nth - *like)
            a->lags[b.place] = a->lag_seen;
        a->lag_seen = b.nth - *like;
    }
    *like = b.nth;
    *addresses_followed_by(a, last) = b;
    a->landed = b;
}

/* Of those whose like were freed next, the n-th that is live. */
static uint32_t repeated(const struct addresses *a, unsigned n)
{
    struct addresses_birth b = a->landed;
    b.nth -= a->lags[b.place];
    for (int i = 0; i < FOLLOWED; i++) {
        b = *addresses_followed_by(a, b);
        const uint32_t lag = a->lags[b.place];
        const struct addresses_birth like = {b.place, b.nth + lag};
        const uint32_t k = *addresses_by_birth(a, like);
        const struct known_block *block = &a->known.at[k];
        if (lag && block->is_live && block->birthplace == like.place &&
            block->nth == like.nth && n-- == 0)
            return k;
    }
    return 0;
}

static uint64_t guess_given(const struct addresses *a, unsigned k)
{
    uint32_t i = 0;
    if (k == 0)
        i = a->given_newer;
    else if (k == 1)
        i = a->given_older;
    else if (k == 2)
        i = *addresses_by_serial(a, a->given_serial + *addresses_step_after(a));
    else if (k < N_KNOWN)
        i = repeated(a, k - 3);
    else
        for (i = a->known.at[0].older; i && k > N_KNOWN; k--)
            i = a->known.at[i].older;
    return a->known.at[i].is_live ? i : 0;
}

/* Not expected: by its number. */
static uint32_t code_far_serial(struct addresses *a, struct columns *c,
                                uint32_t serial)
{
    serial =
        (uint32_t)columns_step(c, COLUMN_GIVEN_FAR, serial, a->given_serial);
    const uint32_t i = *addresses_by_serial(a, serial);
    if (!a->known.at[i].is_live || a->known.at[i].serial != serial)
        c->fault = true;
    return i;
}

static void note_given(struct addresses *a, uint32_t i, bool is_resized)
{
    if (a->known.at[i].serial - a->given_serial + LANDS > 2 * LANDS)
        land(a, addresses_birth(a, i));
    addresses_give(a, i);
    if (is_resized)
        heap_resize(&a->heap, i);
    else
        heap_given(&a->heap, i);
    a->given = i;
}

uint64_t addresses_given(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr, bool is_resized)
{
    uint32_t i = c->packing ? known_find(&a->known, addr) : 0;
    const struct known_block *k = &a->known.at[i];
    const bool is_strange =
        c->packing && (!k->is_live || *addresses_by_serial(a, k->serial) != i);
    const unsigned guess =
        addresses_code_guess(a, c, COLUMN_GIVEN, place, guess_given, N_GIVEN, i,
                             is_strange ? FAR_ADDRESS : 0);
    if (guess == FAR_ADDRESS) {
        addr = addresses_code_far(c, COLUMN_GIVEN_FAR, addr,
                                  addresses_of(a, a->given));
        i = c->fault ? 0 : known_find(&a->known, addr);
    } else if (guess > N_GIVEN) {
        i = code_far_serial(a, c, k->serial);
    } else if (guess > 0) {
        i = (uint32_t)guess_given(a, guess - 1);
    }
    if (c->fault)
        return addr;
    addr = guess == FAR_ADDRESS ? addr : addresses_of(a, i);
    if (a->known.at[i].is_live)
        note_given(a, i, is_resized);
    return addr;
}
