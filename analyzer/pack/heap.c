/* SPDX-License-Identifier: MIT */
#include "pack/heap.h"

#include "arena.h"

#include <stdlib.h>

enum {
    UNIT = 16,
    UNITS_LEAST = 2,
    UNITS_CACHED = 65, /* at most */
    UNITS_FAST = 8,
    UNITS_SMALL = 63,
    CACHED = 7, /* in a list */
    PAGE = 4096,
    PAD = 128 * 1024,
    FIRST_END = 33 * PAGE,
    FIRST_BLOCK = 0x2a0,      /* behind the cache of the first thread */
    CONSOLIDATES = 64 * 1024, /* a free of so much */
    MAP_FROM = 128 * 1024,
    MAP_FROM_MOST = 32 * 1024 * 1024,
    SORTED_MOST = 128, /* steps in a large bin */
    NEAR = 1 << 28,
    /* Lists of an arena: */
    UNSORTED = 0,
    LARGE = 64,
    BINS = 127,
    FAST = BINS, /* + units */
    CACHES = HEAP_ARENAS * HEAP_BINS,
};

enum state {
    STRANGE, /* or free, and somebody's else */
    USED,
    MAPPED,
    IN_CACHE,
    IN_FAST,
    IN_BIN,
    MERGED, /* into the one `before` */
};

_Static_assert(FAST + UNITS_FAST < HEAP_BINS, "of an arena");

void heap_init(struct heap *h, struct known *known)
{
    *h = (struct heap){
        .known = known, .map_from = MAP_FROM, .trim_from = MAP_FROM};
    h->lists = must_calloc(HEAP_LISTS, sizeof *h->lists);
}

void heap_release(struct heap *h)
{
    free(h->lists);
    *h = (struct heap){0};
}

static struct known_block *at(const struct heap *h, uint32_t i)
{
    return &h->known->at[i];
}

static uint64_t end_of(const struct known_block *k)
{
    return k->addr + (uint64_t)k->units * UNIT;
}

static uint16_t list_in(unsigned arena, unsigned list)
{
    return (uint16_t)(arena * HEAP_BINS + list);
}

static uint16_t cache_of(const struct heap *h, uint32_t units)
{
    return (uint16_t)(CACHES + h->thread * HEAP_CACHES + units - UNITS_LEAST);
}

/* Behind `before`; 0: at the head. */
static void insert(struct heap *h, uint32_t i, uint16_t list, uint32_t before,
                   enum state state)
{
    struct heap_list *l = &h->lists[list];
    struct known_block *k = at(h, i);
    uint32_t *link = before ? &at(h, before)->next : &l->first;
    k->before = before;
    k->next = *link;
    *link = i;
    if (k->next)
        at(h, k->next)->before = i;
    else
        l->last = i;
    k->list = list;
    k->state = (uint8_t)state;
    l->n++;
}

bool heap_is_listed(const struct known_block *k)
{
    return k->state == IN_CACHE || k->state == IN_FAST || k->state == IN_BIN;
}

bool heap_keeps(const struct known_block *k)
{
    return k->state == USED || heap_is_listed(k);
}

/* Out of its list; it is USED then. */
static uint32_t take_out(struct heap *h, uint32_t i)
{
    struct known_block *k = at(h, i);
    struct heap_list *l = &h->lists[k->list];
    if (k->before)
        at(h, k->before)->next = k->next;
    else
        l->first = k->next;
    if (k->next)
        at(h, k->next)->before = k->before;
    else
        l->last = k->before;
    l->n--;
    k->next = k->before = 0;
    k->state = USED;
    return i;
}

static uint32_t above(const struct heap *h, uint32_t i)
{
    const uint32_t k = at(h, i)->above;
    return k && at(h, k)->addr == end_of(at(h, i)) ? k : 0;
}

static uint32_t below(const struct heap *h, uint32_t i)
{
    const uint32_t k = at(h, i)->below;
    return k && end_of(at(h, k)) == at(h, i)->addr ? k : 0;
}

static bool is_below_top(const struct heap *h, uint32_t i)
{
    const struct known_block *k = at(h, i);
    return end_of(k) == h->arenas[k->arena].top;
}

/* Its end has moved. */
static void meet(struct heap *h, uint32_t i, uint32_t next)
{
    at(h, i)->above = next;
    if (next)
        at(h, next)->below = i;
    else if (is_below_top(h, i))
        h->arenas[at(h, i)->arena].below = i;
}

/* Cuts off what is behind so many units: a USED block; 0: too little is. */
static uint32_t cut(struct heap *h, uint32_t i, uint32_t units)
{
    const uint32_t rest = at(h, i)->units - units;
    if (at(h, i)->units < units + UNITS_LEAST)
        return 0;
    const uint32_t k =
        known_at(h->known, at(h, i)->addr + (uint64_t)units * UNIT);
    if (!k || heap_is_listed(at(h, k)))
        return 0;
    struct known_block *new = at(h, k);
    const uint32_t next = above(h, i);
    at(h, i)->units = units;
    new->units = rest;
    new->arena = at(h, i)->arena;
    new->state = USED;
    new->next = new->before = 0;
    meet(h, k, next);
    meet(h, i, k);
    return k;
}

/* Two become one. */
static void merge(struct heap *h, uint32_t i, uint32_t next)
{
    const uint32_t beyond = above(h, next);
    if (heap_is_listed(at(h, next)))
        take_out(h, next);
    at(h, i)->units += at(h, next)->units;
    at(h, next)->state = MERGED;
    at(h, next)->before = i;
    meet(h, i, beyond);
}

static unsigned large_bin(uint64_t bytes)
{
    return (unsigned)(bytes >> 6 <= 48    ? 48 + (bytes >> 6)
                      : bytes >> 9 <= 20  ? 91 + (bytes >> 9)
                      : bytes >> 12 <= 10 ? 110 + (bytes >> 12)
                      : bytes >> 15 <= 4  ? 119 + (bytes >> 15)
                      : bytes >> 18 <= 2  ? 124 + (bytes >> 18)
                                          : 126);
}

static unsigned bin_of(uint32_t units)
{
    return units <= UNITS_SMALL ? units : large_bin((uint64_t)units * UNIT);
}

/* Large bins are sorted, the largest first; of one size, a new one second. */
static void sort_in(struct heap *h, uint32_t i)
{
    const uint32_t units = at(h, i)->units;
    const unsigned bin = bin_of(units);
    const uint16_t list = list_in(at(h, i)->arena, bin);
    uint32_t before = 0;
    if (bin >= LARGE) {
        uint32_t k = h->lists[list].first;
        for (int n = 0; k && n < SORTED_MOST && at(h, k)->units > units; n++) {
            before = k;
            k = at(h, k)->next;
        }
        if (k && at(h, k)->units == units)
            before = k;
        if (h->lists[list].last && at(h, h->lists[list].last)->units > units)
            before = h->lists[list].last;
    }
    insert(h, i, list, before, IN_BIN);
}

static void unsort(struct heap *h, uint32_t i)
{
    insert(h, i, list_in(at(h, i)->arena, UNSORTED), 0, IN_BIN);
}

/* Free, together with its neighbours. How many bytes are. */
static uint64_t join(struct heap *h, uint32_t i)
{
    struct heap_arena *a = &h->arenas[at(h, i)->arena];
    const uint32_t under = below(h, i);
    if (under && at(h, under)->state == IN_BIN) {
        take_out(h, under);
        merge(h, under, i);
        i = under;
    }
    if (is_below_top(h, i)) {
        a->top = at(h, i)->addr;
        a->below = below(h, i);
        at(h, i)->state = MERGED;
        at(h, i)->before = 0;
        return a->end - a->top + UNIT;
    }
    const uint32_t over = above(h, i);
    if (over && at(h, over)->state == IN_BIN)
        merge(h, i, over);
    unsort(h, i);
    return (uint64_t)at(h, i)->units * UNIT;
}

static void consolidate(struct heap *h, unsigned arena)
{
    if (!h->arenas[arena].has_fast)
        return;
    h->arenas[arena].has_fast = false;
    for (unsigned i = UNITS_LEAST; i <= UNITS_FAST; i++)
        while (h->lists[list_in(arena, FAST + i)].first)
            join(h, take_out(h, h->lists[list_in(arena, FAST + i)].first));
}

static void trim(struct heap *h, struct heap_arena *a)
{
    const uint64_t top = a->end - a->top + UNIT;
    if (a != h->arenas || top < h->trim_from || top <= PAD + 2 * UNIT + 1)
        return;
    a->end -= (top - 2 * UNIT - 1 - PAD) / PAGE * PAGE;
}

static void give_back(struct heap *h, uint32_t i)
{
    struct known_block *k = at(h, i);
    const uint32_t units = k->units;
    if (k->state == MAPPED) {
        const uint64_t bytes = (uint64_t)units * UNIT;
        k->state = STRANGE;
        if (bytes > h->map_from && bytes <= MAP_FROM_MOST) {
            h->map_from = bytes;
            h->trim_from = 2 * bytes;
        }
        return;
    }
    if (k->state != USED)
        return;
    if (units <= UNITS_CACHED && h->lists[cache_of(h, units)].n < CACHED) {
        insert(h, i, cache_of(h, units), 0, IN_CACHE);
    } else if (units <= UNITS_FAST) {
        insert(h, i, list_in(k->arena, FAST + units), 0, IN_FAST);
        h->arenas[k->arena].has_fast = true;
    } else {
        const unsigned arena = k->arena;
        if (join(h, i) >= CONSOLIDATES) {
            consolidate(h, arena);
            trim(h, &h->arenas[arena]);
        }
    }
}

/* What is left of a list goes into the cache. */
static void stash(struct heap *h, uint32_t units, uint16_t list, bool oldest)
{
    const struct heap_list *from = &h->lists[list];
    const uint16_t to = cache_of(h, units);
    while (from->first && h->lists[to].n < CACHED)
        insert(h, take_out(h, oldest ? from->last : from->first), to, 0,
               IN_CACHE);
}

static uint32_t take_small(struct heap *h, unsigned arena, uint32_t units)
{
    const uint16_t fast = list_in(arena, FAST + units);
    if (units <= UNITS_FAST && h->lists[fast].first) {
        const uint32_t i = take_out(h, h->lists[fast].first);
        stash(h, units, fast, false);
        return i;
    }
    const uint16_t bin = list_in(arena, units);
    if (units <= UNITS_SMALL && h->lists[bin].last) {
        const uint32_t i = take_out(h, h->lists[bin].last);
        stash(h, units, bin, true);
        return i;
    }
    return 0;
}

/* The first so many units of it; the rest is free. */
static uint32_t split(struct heap *h, uint32_t i, uint32_t units,
                      bool is_remainder)
{
    take_out(h, i);
    const uint32_t rest = cut(h, i, units);
    if (rest) {
        unsort(h, rest);
        if (is_remainder && units <= UNITS_SMALL)
            h->arenas[at(h, i)->arena].remainder = rest;
    }
    return i;
}

/* Sorts until one fits. */
static uint32_t take_unsorted(struct heap *h, unsigned arena, uint32_t units)
{
    const uint16_t list = list_in(arena, UNSORTED);
    bool cached = false;
    for (uint32_t i; (i = h->lists[list].last) != 0;) {
        const uint32_t is = at(h, i)->units;
        if (units <= UNITS_SMALL && h->lists[list].n == 1 &&
            i == h->arenas[arena].remainder && is > units + UNITS_LEAST)
            return split(h, i, units, true);
        take_out(h, i);
        if (is != units) {
            sort_in(h, i);
            continue;
        }
        if (units > UNITS_CACHED || h->lists[cache_of(h, units)].n == CACHED)
            return i;
        insert(h, i, cache_of(h, units), 0, IN_CACHE);
        cached = true;
    }
    return cached ? take_out(h, h->lists[cache_of(h, units)].first) : 0;
}

/* The smallest that is large enough, of a bin that may have one. */
static uint32_t take_large(struct heap *h, unsigned arena, uint32_t units)
{
    const struct heap_list *l = &h->lists[list_in(arena, bin_of(units))];
    uint32_t i = l->last;
    if (units <= UNITS_SMALL || !i || at(h, l->first)->units < units)
        return 0;
    for (int n = 0; n < SORTED_MOST && at(h, i)->units < units; n++)
        i = at(h, i)->before;
    if (at(h, i)->units < units)
        i = l->first;
    uint32_t one = i; /* the first of its size would lead the others */
    for (int n = 0; n < SORTED_MOST; n++) {
        const uint32_t before = at(h, one)->before;
        if (!before || at(h, before)->units != at(h, i)->units)
            break;
        one = before;
    }
    if (i != l->last && at(h, one)->next &&
        at(h, at(h, one)->next)->units == at(h, i)->units)
        one = at(h, one)->next;
    return split(h, one, units, false);
}

static uint32_t take_larger(struct heap *h, unsigned arena, uint32_t units)
{
    for (unsigned bin = bin_of(units) + 1; bin < BINS; bin++) {
        const uint32_t i = h->lists[list_in(arena, bin)].last;
        if (i)
            return split(h, i, units, true);
    }
    return 0;
}

static uint32_t take_top(struct heap *h, unsigned arena, uint32_t units)
{
    struct heap_arena *a = &h->arenas[arena];
    const uint32_t i = known_at(h->known, a->top);
    if (!i || heap_is_listed(at(h, i)))
        return 0;
    struct known_block *k = at(h, i);
    const uint32_t under = a->below;
    k->arena = (uint8_t)arena;
    k->units = units;
    k->state = USED;
    k->next = k->before = 0;
    k->above = 0;
    k->below = under;
    if (under)
        at(h, under)->above = i;
    a->top += (uint64_t)units * UNIT;
    a->below = i;
    return i;
}

static bool fits_top(const struct heap *h, unsigned arena, uint32_t units)
{
    const struct heap_arena *a = &h->arenas[arena];
    const uint64_t bytes = (uint64_t)units * UNIT;
    return arena > 0 || a->end - a->top + UNIT >= bytes + 2 * UNIT;
}

static void grow_top(struct heap_arena *a, uint32_t units)
{
    const uint64_t bytes = (uint64_t)units * UNIT + PAD + 2 * UNIT;
    a->end += (bytes - (a->end - a->top + UNIT) + PAGE - 1) / PAGE * PAGE;
}

/* 0: it would be mapped, or nothing is known. */
static uint32_t allocate(struct heap *h, uint32_t units)
{
    const unsigned arena = h->arena_of[h->thread];
    struct heap_arena *a = &h->arenas[arena];
    uint32_t i = take_small(h, arena, units);
    if (units > UNITS_SMALL)
        consolidate(h, arena);
    for (int turn = 0; !i && turn < 2; turn++) {
        i = take_unsorted(h, arena, units);
        if (!i)
            i = take_large(h, arena, units);
        if (!i)
            i = take_larger(h, arena, units);
        if (i || a->top == 0 || fits_top(h, arena, units) || !a->has_fast)
            break;
        consolidate(h, arena);
    }
    if (i || a->top == 0)
        return i;
    if (!fits_top(h, arena, units)) {
        if ((uint64_t)units * UNIT >= h->map_from)
            return 0;
        grow_top(a, units);
    }
    return take_top(h, arena, units);
}

/* As much as it would be resized to where it is; 0: it would move. */
static uint32_t resize(struct heap *h, uint32_t i, uint32_t units)
{
    const uint32_t is = at(h, i)->units;
    struct heap_arena *a = &h->arenas[at(h, i)->arena];
    const uint32_t next = above(h, i);
    if (at(h, i)->state == MAPPED)
        return i;
    if (at(h, i)->state != USED)
        return 0;
    if (is < units && is_below_top(h, i)) {
        if (!fits_top(h, at(h, i)->arena, units - is))
            return 0;
        at(h, i)->units = units;
        a->top += (uint64_t)(units - is) * UNIT;
        a->below = i;
        return i;
    }
    if (is < units) {
        if (!next || at(h, next)->state != IN_BIN ||
            is + at(h, next)->units < units)
            return 0;
        merge(h, i, next);
    }
    const uint32_t rest = cut(h, i, units);
    if (rest)
        give_back(h, rest);
    return i;
}

static uint32_t expect_resized(struct heap *h, uint32_t units)
{
    const uint32_t old = h->resized[h->thread];
    if (!old)
        return allocate(h, units);
    if (resize(h, old, units))
        return old;
    const uint32_t i = allocate(h, units);
    if (!i || above(h, old) != i)
        return i;
    merge(h, old, i);
    const uint32_t rest = cut(h, old, units);
    if (rest)
        give_back(h, rest);
    return old;
}

static uint32_t units_for(uint64_t size)
{
    const uint64_t n = (size + 8 + UNIT - 1) / UNIT;
    if (size > UINT64_C(1) << 32)
        return 1 << 28;
    return n < UNITS_LEAST ? UNITS_LEAST : (uint32_t)n;
}

uint64_t heap_expect(struct heap *h, uint64_t size, enum heap_call call)
{
    const uint32_t units = units_for(size);
    h->units = units;
    h->call = call;
    if (call == HEAP_REALLOC)
        h->block = expect_resized(h, units);
    else if (call == HEAP_MALLOC && units <= UNITS_CACHED &&
             h->lists[cache_of(h, units)].first)
        h->block = take_out(h, h->lists[cache_of(h, units)].first);
    else
        h->block = call == HEAP_ALIGNED ? 0 : allocate(h, units);
    return at(h, h->block)->addr;
}

/* The lower an address, the more is known of where the first arena begins, and
   so of where it ends. */
static void begin_at(struct heap_arena *a, uint64_t addr)
{
    if (addr >= a->key)
        return;
    const uint64_t key = (addr - FIRST_BLOCK) / PAGE * PAGE;
    a->end -= a->key - key;
    a->key = key;
    while (a->end <= a->top)
        a->end += FIRST_END;
}

static unsigned arena_at(struct heap *h, uint64_t addr)
{
    struct heap_arena *a = h->arenas;
    if (a->top == 0) {
        a->key = (addr - FIRST_BLOCK) / PAGE * PAGE;
        a->top = addr;
        a->end = a->key + FIRST_END;
        while (a->end <= addr)
            a->end += FIRST_END;
    }
    if (addr >= a->key - FIRST_END && addr < a->end + NEAR) {
        begin_at(a, addr);
        return 0;
    }
    const unsigned i = 1 + (unsigned)((addr >> 26) % (HEAP_ARENAS - 1));
    if (h->arenas[i].key != addr >> 26)
        h->arenas[i] = (struct heap_arena){.key = addr >> 26, .top = addr};
    return i;
}

/* The free one that it was made a part of; 0: not known. */
static uint32_t container(const struct heap *h, uint32_t i)
{
    const uint64_t addr = at(h, i)->addr;
    uint32_t k = i;
    for (int n = 0; n < CACHED && k && at(h, k)->state == MERGED; n++)
        k = at(h, k)->before;
    const bool is = k && at(h, k)->state == IN_BIN && at(h, k)->addr < addr &&
                    addr < end_of(at(h, k));
    return is ? k : 0;
}

/* Above the top: what is between is not known. */
static void raise_top(struct heap *h, unsigned arena, uint32_t i)
{
    struct heap_arena *a = &h->arenas[arena];
    const uint64_t addr = at(h, i)->addr;
    if (addr != a->top)
        a->below = 0;
    a->top = addr;
    if (arena == 0 && !fits_top(h, 0, h->units))
        grow_top(a, h->units);
    if (a->end <= addr)
        a->end = addr / PAGE * PAGE + FIRST_END;
    take_top(h, arena, h->units);
}

/* Where it was not expected. */
static void place(struct heap *h, uint32_t i)
{
    const uint64_t addr = at(h, i)->addr;
    const unsigned arena = arena_at(h, addr);
    uint32_t from = 0;
    if (at(h, i)->state == IN_BIN || at(h, i)->state == IN_FAST ||
        at(h, i)->state == IN_CACHE) {
        from = take_out(h, i);
    } else if ((from = container(h, i)) != 0) {
        take_out(h, from);
        const uint32_t whole = from;
        from = cut(h, from, (uint32_t)((addr - at(h, from)->addr) / UNIT));
        unsort(h, whole);
    }
    if (from == i) {
        const uint32_t rest = cut(h, i, h->units);
        if (rest)
            unsort(h, rest);
        h->arena_of[h->thread] = at(h, i)->arena;
        return;
    }
    if (addr % PAGE == UNIT && (uint64_t)h->units * UNIT >= MAP_FROM &&
        (arena > 0 || addr < h->arenas->key)) {
        at(h, i)->state = MAPPED;
        at(h, i)->units = (h->units + 1 + 255) / 256 * 256;
        return;
    }
    h->arena_of[h->thread] = (uint8_t)arena;
    if (addr >= h->arenas[arena].top) {
        raise_top(h, arena, i);
        return;
    }
    struct known_block *k = at(h, i);
    k->arena = (uint8_t)arena;
    k->units = h->units;
    k->state = USED;
    k->below = k->above = 0;
    k->next = k->before = 0;
}

void heap_taken(struct heap *h, uint32_t block)
{
    const uint32_t expected = h->block;
    const uint32_t old = h->call == HEAP_REALLOC ? h->resized[h->thread] : 0;
    if (old)
        h->resized[h->thread] = 0;
    if (at(h, block)->addr % UNIT != 0)
        return;
    if (expected != block) {
        if (expected && expected != old && at(h, expected)->state == USED)
            join(h, expected);
        if (old == block)
            at(h, block)->units = h->units;
        else
            place(h, block);
    }
    if (old && old != block)
        give_back(h, old);
}

void heap_given(struct heap *h, uint32_t block)
{
    give_back(h, block);
}

void heap_resize(struct heap *h, uint32_t block)
{
    h->resized[h->thread] = block;
}

void heap_rename(struct heap *h, const uint32_t *now)
{
    for (int i = 0; i < HEAP_LISTS; i++) {
        h->lists[i].first = now[h->lists[i].first];
        h->lists[i].last = now[h->lists[i].last];
    }
    for (int i = 0; i < HEAP_ARENAS; i++) {
        h->arenas[i].below = now[h->arenas[i].below];
        h->arenas[i].remainder = now[h->arenas[i].remainder];
    }
    for (int i = 0; i < HEAP_THREADS; i++)
        h->resized[i] = now[h->resized[i]];
    h->block = 0;
}
