/* SPDX-License-Identifier: MIT */
#include "pack/addresses.h"

#include "arena.h"
#include "pack/addresses_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    SIZES = 1 << 13,
    NUMBERS_FIRST = 1 << 16,
    NUMBERS_MOST = KNOWN_MAX,
    BIRTHPLACES = 1 << 16,
    PLACE_BITS = 18,
    N_MEANT = 5,
};

void addresses_init(struct addresses *a)
{
    *a = (struct addresses){.n_numbers = NUMBERS_FIRST};
    known_init(&a->known);
    heap_init(&a->heap, &a->known);
    a->sizes = must_calloc(SIZES, sizeof *a->sizes);
    a->by_serial = must_calloc(a->n_numbers, sizeof *a->by_serial);
    a->next_step = must_calloc(1 << ADDRESSES_STEP_BITS, sizeof *a->next_step);
    a->births = must_calloc(BIRTHPLACES, sizeof *a->births);
    a->by_birth = must_calloc(a->n_numbers, sizeof *a->by_birth);
    a->followed_by = must_calloc(ADDRESSES_FOLLOWED, sizeof *a->followed_by);
    a->lags = must_calloc(BIRTHPLACES, sizeof *a->lags);
    a->stepped = must_calloc(1 << ADDRESSES_STEP_BITS, sizeof *a->stepped);
    a->guesses = must_calloc(1 << PLACE_BITS, sizeof *a->guesses);
}

void addresses_release(struct addresses *a)
{
    known_release(&a->known);
    heap_release(&a->heap);
    free(a->sizes);
    free(a->by_serial);
    free(a->next_step);
    free(a->births);
    free(a->by_birth);
    free(a->followed_by);
    free(a->lags);
    free(a->stepped);
    free(a->guesses);
    *a = (struct addresses){0};
}

bool addresses_is_live(const struct addresses *a, uint64_t addr)
{
    const uint32_t i = known_find(&a->known, addr);
    return i && a->known.at[i].is_live;
}

/* What an allocator spends on a block. */
uint64_t addresses_spent(uint64_t size)
{
    const uint64_t whole =
        (size + 8 + KNOWN_ALIGNMENT - 1) & ~(uint64_t)(KNOWN_ALIGNMENT - 1);
    return whole < 2 * KNOWN_ALIGNMENT ? 2 * KNOWN_ALIGNMENT : whole;
}

uint32_t addresses_size_index(uint64_t size)
{
    const uint64_t n = addresses_spent(size) / KNOWN_ALIGNMENT;
    return n < SIZES / 2 ? (uint32_t)n
                         : (uint32_t)(SIZES / 2 + n % (SIZES / 2));
}

/* Block 0 is where the list of live ones begins and ends; lists of free ones
   end at 0. */
static void unlink_block(struct addresses *a, uint32_t i)
{
    const struct known_block *k = &a->known.at[i];
    if (k->is_live) {
        a->known.at[k->newer].older = k->older;
        a->known.at[k->older].newer = k->newer;
        return;
    }
    struct addresses_size *size = &a->sizes[k->size];
    if (k->newer)
        a->known.at[k->newer].older = k->older;
    else
        size->newest = k->older;
    if (k->older)
        a->known.at[k->older].newer = k->newer;
}

/* Tables by number, as large as the numbers are. */
static void grow_numbers(struct addresses *a)
{
    const uint32_t n = a->n_numbers;
    if (a->serial < n || n == NUMBERS_MOST)
        return;
    a->n_numbers = 2 * n;
    a->by_serial = must_realloc(a->by_serial, a->n_numbers, sizeof(uint32_t));
    memset(a->by_serial + n, 0, n * sizeof(uint32_t));
    free(a->by_birth);
    a->by_birth = must_calloc(a->n_numbers, sizeof(uint32_t));
    for (uint32_t i = a->known.at[0].newer; i; i = a->known.at[i].newer)
        *addresses_by_birth(a, addresses_birth(a, i)) = i;
}

void addresses_take(struct addresses *a, uint32_t i, uint64_t size)
{
    struct known_block *k = &a->known.at[i];
    if (k->is_known)
        unlink_block(a, i);
    grow_numbers(a);
    k->is_known = k->is_live = true;
    k->size = (uint16_t)addresses_size_index(size);
    k->older = a->known.at[0].older;
    k->newer = 0;
    a->known.at[k->older].newer = i;
    a->known.at[0].older = i;
    k->serial = a->serial++;
    *addresses_by_serial(a, k->serial) = i;
    k->birthplace = a->birthplace;
    k->nth = a->births[a->birthplace]++;
    *addresses_by_birth(a, addresses_birth(a, i)) = i;
}

void addresses_give(struct addresses *a, uint32_t i)
{
    struct known_block *k = &a->known.at[i];
    struct addresses_size *of = &a->sizes[k->size];
    const uint32_t step = k->serial - a->given_serial;
    *addresses_step_after(a) = step;
    a->given_step[1] = a->given_step[0];
    a->given_step[0] = step;
    a->given_newer = k->newer;
    a->given_older = k->older;
    a->given_serial = k->serial;
    unlink_block(a, i);
    k->is_live = false;
    k->serial = a->releases++;
    k->newer = 0;
    k->older = of->newest;
    if (of->newest)
        a->known.at[of->newest].newer = i;
    of->newest = i;
}

/* The guess that is right: the last one here first. */
static unsigned choose(const struct addresses *a, addresses_guess *guess,
                       unsigned n, uint64_t wanted, unsigned last)
{
    if (last > 0 && guess(a, last - 1) == wanted)
        return 0;
    for (unsigned i = 0; i < n; i++)
        if (guess(a, i) == wanted)
            return i + 1;
    return ADDRESSES_FAR;
}

unsigned addresses_code_guess(struct addresses *a, struct columns *c,
                              enum column_name name, uint32_t place,
                              addresses_guess *guess, unsigned n,
                              uint64_t wanted, unsigned symbol)
{
    uint8_t *last = &a->guesses[place & ((1 << PLACE_BITS) - 1)];
    const unsigned was = *last <= n ? *last : 0;
    if (c->packing && symbol == 0)
        symbol = wanted ? choose(a, guess, n, wanted, was) : ADDRESSES_FAR;
    symbol = columns_byte(c, name, symbol);
    if (symbol == 0)
        symbol = was;
    if (symbol == 0 || (symbol <= n && guess(a, symbol - 1) == 0) ||
        (symbol > n && symbol < ADDRESSES_FAR - 1))
        c->fault = true;
    if (c->fault)
        return 0;
    if (symbol <= n)
        *last = (uint8_t)symbol;
    return symbol;
}

/* Most are multiples of 16. */
uint64_t addresses_code_far(struct columns *c, enum column_name name,
                            uint64_t addr, uint64_t from)
{
    const uint64_t step = addr - from;
    const uint64_t rest = step % KNOWN_ALIGNMENT;
    const uint64_t v = columns_number(
        c, name, columns_zigzag((int64_t)step >> 4) << 1 | (rest > 0));
    const uint64_t more = v & 1 ? columns_number(c, name, rest) : 0;
    return from + ((uint64_t)columns_unzigzag(v >> 1) << 4) + more;
}

static uint64_t guess_meant(const struct addresses *a, unsigned k)
{
    return k < 3 ? a->meant[k] : addresses_of(a, k == 3 ? a->taken : a->given);
}

uint64_t addresses_meant(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr)
{
    const unsigned guess = addresses_code_guess(a, c, COLUMN_MEANT, place,
                                                guess_meant, N_MEANT, addr, 0);
    if (guess > N_MEANT)
        addr = addresses_code_far(c, COLUMN_MEANT_FAR, addr, a->meant[0]);
    else if (guess > 0)
        addr = guess_meant(a, guess - 1);
    a->meant[2] = a->meant[1];
    a->meant[1] = a->meant[0];
    a->meant[0] = addr;
    return addr;
}

static bool is_kept(const struct addresses *a, uint32_t i)
{
    const struct known_block *k = &a->known.at[i];
    return k->is_live || heap_keeps(k) ||
           (k->is_known && a->releases - k->serial <= ADDRESSES_RECENT);
}

void addresses_forget(struct addresses *a)
{
    if (a->known.n <= ADDRESSES_MANY)
        return;
    uint32_t *now = must_calloc(a->known.n, sizeof *now);
    uint32_t n = 1;
    for (uint32_t i = 1; i < a->known.n; i++) {
        if (is_kept(a, i))
            now[i] = n++;
        else if (a->known.at[i].is_known)
            unlink_block(a, i);
    }
    for (uint32_t i = 0; i < SIZES; i++)
        a->sizes[i].newest = now[a->sizes[i].newest];
    for (uint32_t i = 0; i < a->n_numbers; i++) {
        a->by_serial[i] = now[a->by_serial[i]];
        a->by_birth[i] = now[a->by_birth[i]];
    }
    a->taken = now[a->taken];
    a->given = now[a->given];
    a->given_newer = now[a->given_newer];
    a->given_older = now[a->given_older];
    heap_rename(&a->heap, now);
    known_rename(&a->known, now, n);
    free(now);
}
