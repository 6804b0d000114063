/* SPDX-License-Identifier: MIT */
#include "pack/addresses.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    SIZES = 1 << 13,
    SERIALS = 1 << 24,
    PLACE_BITS = 18,
    FAR = 255,
    FAR_ADDRESS = FAR - 1,
    N_TAKEN = 9,
    N_RECENT = 8,
    N_KNOWN = 4,
    N_GIVEN = N_KNOWN + N_RECENT,
    STEP_BITS = 20,
    N_MEANT = 5,
    ALIGNMENT = 16,
};

#define NEAR_TOP (UINT64_C(1) << 27)

struct addresses_block {
    uint64_t addr;
    uint32_t serial; /* of its allocation; free: of its release */
    uint32_t size;   /* index of its list of free ones */
    bool is_live, is_known;
    uint32_t newer, older; /* in its list */
    uint32_t next_taken, next_given;
};

struct addresses_size {
    uint32_t newest;       /* free */
    uint32_t taken;        /* last */
    uint32_t newer, older; /* that one's neighbours in the list */
};

void addresses_init(struct addresses *a)
{
    *a = (struct addresses){.n = 1, .room = 1024, .n_slots = 4096};
    a->at = must_calloc(a->room, sizeof *a->at);
    a->slots = must_calloc(a->n_slots, sizeof *a->slots);
    a->sizes = must_calloc(SIZES, sizeof *a->sizes);
    a->by_serial = must_calloc(SERIALS, sizeof *a->by_serial);
    a->next_step = must_calloc(1 << STEP_BITS, sizeof *a->next_step);
    a->guesses = must_calloc(1 << PLACE_BITS, sizeof *a->guesses);
}

void addresses_release(struct addresses *a)
{
    free(a->at);
    free(a->slots);
    free(a->sizes);
    free(a->by_serial);
    free(a->guesses);
    free(a->next_step);
    *a = (struct addresses){0};
}

static uint32_t slot_of(const struct addresses *a, uint64_t addr)
{
    /* neighbours stand together, 4 KiB at a time */
    const uint64_t page = (addr >> 12) * 0x9e3779b97f4a7c15u >> 20;
    uint64_t i = (page + addr / ALIGNMENT) & (a->n_slots - 1);
    while (a->slots[i] && a->at[a->slots[i]].addr != addr)
        i = (i + 1) & (a->n_slots - 1);
    return (uint32_t)i;
}

static uint32_t find(const struct addresses *a, uint64_t addr)
{
    return a->slots[slot_of(a, addr)];
}

static void grow_slots(struct addresses *a)
{
    free(a->slots);
    a->n_slots *= 2;
    a->slots = must_calloc(a->n_slots, sizeof *a->slots);
    for (uint32_t i = 1; i < a->n; i++)
        a->slots[slot_of(a, a->at[i].addr)] = i;
}

/* The block at the address; a new one if need be. 0: there are too many. */
static uint32_t block_at(struct addresses *a, uint64_t addr)
{
    uint32_t slot = slot_of(a, addr);
    if (a->slots[slot])
        return a->slots[slot];
    if (a->n == ADDRESSES_MAX)
        return 0;
    if (a->n >= a->n_slots / 2) {
        grow_slots(a);
        slot = slot_of(a, addr);
    }
    GROW(a->at, a->n, a->room);
    a->at[a->n] = (struct addresses_block){.addr = addr};
    return a->slots[slot] = a->n++;
}

bool addresses_is_live(const struct addresses *a, uint64_t addr)
{
    const uint32_t i = find(a, addr);
    return i && a->at[i].is_live;
}

/* What an allocator spends on a block. */
static uint64_t spent(uint64_t size)
{
    const uint64_t whole =
        (size + 8 + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
    return whole < 2 * ALIGNMENT ? 2 * ALIGNMENT : whole;
}

static uint32_t size_index(uint64_t size)
{
    const uint64_t n = spent(size) / ALIGNMENT;
    return n < SIZES / 2 ? (uint32_t)n
                         : (uint32_t)(SIZES / 2 + n % (SIZES / 2));
}

/* Block 0 is where the list of live ones begins and ends; lists of free ones
   end at 0. */
static void unlink_block(struct addresses *a, uint32_t i)
{
    const struct addresses_block *k = &a->at[i];
    if (k->is_live) {
        a->at[k->newer].older = k->older;
        a->at[k->older].newer = k->newer;
        return;
    }
    struct addresses_size *size = &a->sizes[k->size];
    if (k->newer)
        a->at[k->newer].older = k->older;
    else
        size->newest = k->older;
    if (k->older)
        a->at[k->older].newer = k->newer;
}

static void take(struct addresses *a, uint32_t i, uint64_t size)
{
    struct addresses_block *k = &a->at[i];
    const uint32_t index = size_index(size);
    struct addresses_size *of = &a->sizes[index];
    const bool was_free = k->is_known && !k->is_live;
    if (k->is_known)
        unlink_block(a, i);
    of->taken = i;
    of->newer = was_free ? k->newer : 0;
    of->older = was_free ? k->older : 0;
    k->is_known = k->is_live = true;
    k->size = index;
    k->older = a->at[0].older;
    k->newer = 0;
    a->at[k->older].newer = i;
    a->at[0].older = i;
    k->serial = a->serial++;
    a->by_serial[k->serial % SERIALS] = i;
}

static uint32_t *step_after(struct addresses *a)
{
    const uint64_t steps = (uint64_t)a->given_step[0] << 32 | a->given_step[1];
    return &a->next_step[steps * 0x9e3779b97f4a7c15u >> (64 - STEP_BITS)];
}

static void give(struct addresses *a, uint32_t i)
{
    struct addresses_block *k = &a->at[i];
    struct addresses_size *of = &a->sizes[k->size];
    const uint32_t step = k->serial - a->given_serial;
    *step_after(a) = step;
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
        a->at[of->newest].newer = i;
    of->newest = i;
}

/* The guess that is right: the last one here first. */
static unsigned choose(const uint64_t *guesses, unsigned n, uint64_t addr,
                       unsigned last)
{
    if (last > 0 && guesses[last - 1] == addr)
        return 0;
    for (unsigned i = 0; i < n; i++)
        if (guesses[i] && guesses[i] == addr)
            return i + 1;
    return FAR;
}

/* Codes the symbol; true and *addr where it is a guess. */
static bool code_guess(struct addresses *a, struct columns *c,
                       enum column_name name, uint32_t place,
                       const uint64_t *guesses, unsigned n, uint64_t *addr,
                       unsigned *symbol)
{
    uint8_t *last = &a->guesses[place & ((1 << PLACE_BITS) - 1)];
    const unsigned was = *last <= n ? *last : 0;
    if (c->packing && *symbol == 0)
        *symbol = choose(guesses, n, *addr, was);
    *symbol = columns_byte(c, name, *symbol);
    const unsigned guess = *symbol == 0 ? was : *symbol;
    if (guess == 0 || (guess > n && guess < FAR_ADDRESS))
        c->fault = true;
    if (c->fault || guess > n)
        return false;
    *addr = guesses[guess - 1];
    *last = (uint8_t)guess;
    return true;
}

/* The step from another address: most are multiples of 16. */
static uint64_t code_far(struct columns *c, enum column_name name,
                         uint64_t addr, uint64_t from)
{
    const uint64_t step = addr - from;
    const uint64_t rest = step % ALIGNMENT;
    const uint64_t v = columns_number(
        c, name, columns_zigzag((int64_t)step >> 4) << 1 | (rest > 0));
    const uint64_t more = v & 1 ? columns_number(c, name, rest) : 0;
    return from + ((uint64_t)columns_unzigzag(v >> 1) << 4) + more;
}

static uint64_t address_of(const struct addresses *a, uint32_t block)
{
    return a->at[block].addr;
}

static uint64_t behind(const struct addresses *a, uint64_t end)
{
    return end > a->top && (a->top == 0 || end - a->top < NEAR_TOP) ? end
                                                                    : a->top;
}

uint64_t addresses_taken(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr, uint64_t size)
{
    const struct addresses_size *of = &a->sizes[size_index(size)];
    const uint64_t same = address_of(a, of->taken);
    const uint64_t guesses[N_TAKEN] = {
        address_of(a, of->newest),
        a->end,
        a->top,
        address_of(a, a->at[a->taken].next_taken),
        address_of(a, a->given),
        address_of(a, of->newer),
        address_of(a, of->older),
        same ? same + spent(size) : 0,
        same ? same - spent(size) : 0,
    };
    unsigned symbol = 0;
    if (!code_guess(a, c, COLUMN_TAKEN, place, guesses, N_TAKEN, &addr,
                    &symbol))
        addr = code_far(c, COLUMN_TAKEN_FAR, addr, address_of(a, a->taken));
    const uint32_t i = c->fault ? 0 : block_at(a, addr);
    if (i == 0) {
        c->fault = true;
        return addr;
    }
    take(a, i, size);
    if (a->taken)
        a->at[a->taken].next_taken = i;
    a->taken = i;
    a->end = addr + spent(size);
    a->top = behind(a, a->end);
    return addr;
}

static void guess_given(struct addresses *a, uint64_t guesses[N_GIVEN])
{
    const uint32_t stepped = a->given_serial + *step_after(a);
    const uint32_t known[N_KNOWN] = {a->given_newer, a->given_older,
                                     a->at[a->given].next_given,
                                     a->by_serial[stepped % SERIALS]};
    for (int i = 0; i < N_KNOWN; i++)
        guesses[i] = a->at[known[i]].is_live ? address_of(a, known[i]) : 0;
    uint32_t recent = a->at[0].older;
    for (int i = N_KNOWN; i < N_GIVEN; i++) {
        guesses[i] = address_of(a, recent);
        recent = recent ? a->at[recent].older : 0;
    }
}

/* Not expected: by its number, if that is known, or as it is. */
static uint64_t code_far_given(struct addresses *a, struct columns *c,
                               unsigned symbol, uint64_t addr, uint32_t serial)
{
    if (symbol == FAR_ADDRESS)
        return code_far(c, COLUMN_GIVEN_FAR, addr, address_of(a, a->given));
    serial =
        (uint32_t)columns_step(c, COLUMN_GIVEN_FAR, serial, a->given_serial);
    const uint32_t i = a->by_serial[serial % SERIALS];
    if (!a->at[i].is_live || a->at[i].serial != serial)
        c->fault = true;
    return address_of(a, i);
}

uint64_t addresses_given(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr)
{
    uint64_t guesses[N_GIVEN];
    uint32_t i = c->packing ? find(a, addr) : 0;
    unsigned symbol = 0;
    guess_given(a, guesses);
    if (c->packing &&
        (!a->at[i].is_live || a->by_serial[a->at[i].serial % SERIALS] != i))
        symbol = FAR_ADDRESS;
    if (!code_guess(a, c, COLUMN_GIVEN, place, guesses, N_GIVEN, &addr,
                    &symbol))
        addr = code_far_given(a, c, symbol, addr, a->at[i].serial);
    if (c->fault)
        return addr;
    i = c->packing ? i : find(a, addr);
    if (!a->at[i].is_live)
        return addr;
    if (a->given)
        a->at[a->given].next_given = i;
    give(a, i);
    a->given = i;
    return addr;
}

uint64_t addresses_meant(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr)
{
    const uint64_t guesses[N_MEANT] = {
        a->meant[0],
        a->meant[1],
        a->meant[2],
        address_of(a, a->taken),
        address_of(a, a->given),
    };
    unsigned symbol = 0;
    if (!code_guess(a, c, COLUMN_MEANT, place, guesses, N_MEANT, &addr,
                    &symbol))
        addr = code_far(c, COLUMN_MEANT_FAR, addr, a->meant[0]);
    a->meant[2] = a->meant[1];
    a->meant[1] = a->meant[0];
    a->meant[0] = addr;
    return addr;
}

static bool is_kept(const struct addresses *a, uint32_t i)
{
    const struct addresses_block *k = &a->at[i];
    return k->is_live ||
           (k->is_known && a->releases - k->serial <= ADDRESSES_RECENT);
}

/* Every reference to a block, by what it is called now; 0: it is gone. */
static void rename_all(struct addresses *a, const uint32_t *now)
{
    for (uint32_t i = 0; i < a->n; i++) {
        struct addresses_block *k = &a->at[i];
        k->newer = now[k->newer];
        k->older = now[k->older];
        k->next_taken = now[k->next_taken];
        k->next_given = now[k->next_given];
    }
    for (uint32_t i = 0; i < SIZES; i++) {
        struct addresses_size *of = &a->sizes[i];
        of->newest = now[of->newest];
        of->taken = now[of->taken];
        of->newer = now[of->newer];
        of->older = now[of->older];
    }
    for (uint32_t i = 0; i < SERIALS; i++)
        a->by_serial[i] = now[a->by_serial[i]];
    a->taken = now[a->taken];
    a->given = now[a->given];
    a->given_newer = now[a->given_newer];
    a->given_older = now[a->given_older];
}

void addresses_forget(struct addresses *a)
{
    if (a->n <= ADDRESSES_MANY)
        return;
    uint32_t *now = must_calloc(a->n, sizeof *now);
    uint32_t n = 1;
    for (uint32_t i = 1; i < a->n; i++) {
        if (is_kept(a, i))
            now[i] = n++;
        else if (a->at[i].is_known)
            unlink_block(a, i);
    }
    rename_all(a, now);
    for (uint32_t i = 1; i < a->n; i++)
        if (now[i])
            a->at[now[i]] = a->at[i];
    a->n = n;
    free(now);
    memset(a->slots, 0, a->n_slots * sizeof *a->slots);
    for (uint32_t i = 1; i < a->n; i++)
        a->slots[slot_of(a, a->at[i].addr)] = i;
}
