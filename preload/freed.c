/* SPDX-License-Identifier: MIT */
#include "freed.h"

/*
 * Of glibc's main arena: ten lists of small chunks, each of one size and linked
 * one way; the chunk at the heap's end; the last remainder; and the bins, rings
 * through the chunks and a head that stands as if it were a chunk, too.
 */
enum {
    FASTS = 10,
    BINS = 127,
    BEFORE_BINS = FASTS + 2, /* words */
    WORD = 8,
    LINKS = 2 * WORD, /* in a chunk */
    ALIGNED = 16,
    SMALLEST = 32,
    FLAGS = 7,
    BEFORE_IS_USED = 1,
};

/* What lies ahead of a list that goes one way is fetched before it comes there,
   in the order that memory is fastest in; that takes as long as some jumps. */
enum { AHEAD = 64 * 1024, LINE = 64, FETCH = 4, LAST_FREED = 64 };

struct walk {
    struct idle *idle;
    struct range near;
    size_t jumps; /* that may be made still */
};

static uintptr_t word(uintptr_t at)
{
    return *(const volatile uintptr_t *)at;
}

/* Can its first four words be read? */
static bool is_place(const struct walk *w, uintptr_t chunk)
{
    return chunk % ALIGNED == 0 && idle_is_there(w->idle, chunk) &&
           idle_is_there(w->idle, chunk + SMALLEST - 1);
}

static size_t size_of(uintptr_t chunk)
{
    return word(chunk + WORD) & ~(uintptr_t)FLAGS;
}

static void fetch(const struct walk *w, struct range ahead)
{
    const uintptr_t page = (uintptr_t)1 << w->idle->shift;
    for (uintptr_t at = ahead.start & ~(page - 1); at < ahead.end; at += page)
        for (uintptr_t i = 0; i < page && idle_is_there(w->idle, at + i);
             i += LINE)
            word(at + i);
}

static bool pay(struct walk *w, size_t jumps)
{
    const bool can = w->jumps >= jumps;
    w->jumps = can ? w->jumps - jumps : 0;
    return can;
}

static __attribute__((noinline)) bool jump(struct walk *w, uintptr_t to)
{
    struct range *near = &w->near;
    if (to < near->start && near->start - to <= AHEAD) {
        fetch(w, (struct range){to - AHEAD, near->start});
        near->start = to - AHEAD;
        if (near->end - near->start > 4 * AHEAD)
            near->end = near->start + 4 * AHEAD;
        return pay(w, FETCH);
    }
    if (to >= near->end && to - near->end < AHEAD) {
        fetch(w, (struct range){near->end, to + AHEAD});
        near->end = to + AHEAD;
        if (near->end - near->start > 4 * AHEAD)
            near->start = near->end - 4 * AHEAD;
        return pay(w, FETCH);
    }
    *near = (struct range){to, to + LINE};
    return pay(w, 1);
}

static inline bool is_near(const struct walk *w, uintptr_t at)
{
    return at - w->near.start < w->near.end - w->near.start;
}

static inline bool go_to(struct walk *w, uintptr_t to)
{
    return is_near(w, to) || jump(w, to);
}

/* A chunk begins with the last word of the one before it, if that is in use,
   and ends with the first word of the next. */
static bool add(struct walk *w, uintptr_t chunk, size_t size)
{
    return idle_add(w->idle, chunk + WORD, size);
}

/* Keeps a choice a branch: it is foreseen, so that what is chosen need not wait
   for what is asked. */
static inline uintptr_t as_it_is(uintptr_t v)
{
    __asm__("" : "+r"(v));
    return v;
}

/* Since glibc 2.32 the link's own place is mixed into it. */
static inline uintptr_t next_fast(const struct walk *w, uintptr_t chunk)
{
    const uintptr_t link = word(chunk + LINKS);
    const uintptr_t next = link ^ (chunk + LINKS) >> 12;
    if (next != 0 && (next % ALIGNED != 0 || !idle_is_there(w->idle, next)))
        return as_it_is(link);
    return next;
}

/* The place in the list behind `chunk`, which is smaller than a page; 0: it
   ends. */
static inline uintptr_t step(struct walk *w, uintptr_t chunk, size_t size)
{
    if (chunk % ALIGNED != 0 || !idle_is_there(w->idle, chunk) ||
        !idle_is_there(w->idle, chunk + size) || size_of(chunk) != size ||
        !add(w, chunk, size))
        return 0;
    return next_fast(w, chunk);
}

static size_t fast_size(int list)
{
    return SMALLEST + ALIGNED * (size_t)list;
}

/* The list that is furthest up. */
static int highest(const uintptr_t *at)
{
    int best = 0;
    for (int i = 1; i < FASTS; i++)
        if (at[i] > at[best])
            best = i;
    return best;
}

/* What was freed last, often all over the heap, before the lists come to where
   most of them lies. False: no more jumps. */
static bool walk_first(struct walk *w, uintptr_t *at)
{
    for (int i = 0; i < FASTS; i++)
        for (int n = 0; n < LAST_FREED && at[i] != 0; n++) {
            if (!go_to(w, at[i]))
                return false;
            at[i] = step(w, at[i], fast_size(i));
        }
    return true;
}

/* All of them at once, as often they go the same way. */
static void walk_fast(struct walk *w, const uint64_t *first)
{
    uintptr_t at[FASTS];
    for (int i = 0; i < FASTS; i++)
        at[i] = first[i];
    if (!walk_first(w, at))
        return;
    for (int best = highest(at); at[best] != 0; best = highest(at)) {
        if (!go_to(w, at[best]))
            return;
        for (int i = 0; i < FASTS; i++)
            while (is_near(w, at[i]))
                at[i] = step(w, at[i], fast_size(i));
    }
}

/* Does what follows it say that it is free? */
static bool is_free(const struct walk *w, uintptr_t chunk, size_t size)
{
    const uintptr_t next = chunk + size;
    return size >= SMALLEST && size < w->idle->heap.end - chunk &&
           is_place(w, next) && word(next) == size &&
           !(word(next + WORD) & BEFORE_IS_USED);
}

static void walk_bin(struct walk *w, uintptr_t head, uintptr_t chunk)
{
    for (uintptr_t before = head; chunk != head;) {
        if (!is_place(w, chunk) || word(chunk + LINKS + WORD) != before ||
            !is_free(w, chunk, size_of(chunk)) || !go_to(w, chunk) ||
            !add(w, chunk, size_of(chunk)))
            return;
        before = chunk;
        chunk = word(chunk + LINKS);
    }
}

static void add_top(struct walk *w, uintptr_t top)
{
    if (is_place(w, top) && size_of(top) == w->idle->heap.end - top)
        idle_add(w->idle, top + WORD, size_of(top) - WORD);
}

/* Two words of a list's head, the links of a chunk that begins at `head`. */
static bool is_bin(const struct walk *w, const uint64_t *links, uintptr_t head)
{
    if (links[0] == head || links[1] == head)
        return links[0] == links[1];
    return is_place(w, links[0]) && is_place(w, links[1]) &&
           word(links[0] + LINKS + WORD) == head &&
           word(links[1] + LINKS) == head;
}

static bool are_bins(const struct walk *w, const uint64_t *links, uintptr_t at)
{
    for (int i = BINS - 1; i >= 0; i--)
        if (!is_bin(w, links + 2 * i, at + 2 * WORD * (uintptr_t)i - LINKS))
            return false;
    return true;
}

static void walk_arena(struct walk *w, const uint64_t *bins, uintptr_t at)
{
    const uint64_t *fast = bins - BEFORE_BINS;
    for (int i = 0; i < BINS; i++)
        walk_bin(w, at + 2 * WORD * (uintptr_t)i - LINKS, bins[2 * i]);
    walk_fast(w, fast);
    add_top(w, fast[FASTS]);
}

/* The kernel reads for us first: that no protection key closes it. */
static bool note_pages(struct idle *i, struct pages *p)
{
    uint64_t probe;
    struct range run = {i->heap.start, i->heap.start};
    if (pages_copy(p, &probe, i->heap.start, sizeof probe) != sizeof probe)
        return false;
    while (pages_present(p, run.end, i->heap.end, &run))
        idle_there(i, run);
    return true;
}

void freed_find(struct idle *i, struct pages *p, struct range heap,
                struct range data, uint64_t *room, size_t room_len)
{
    size_t n = data.end - data.start;
    idle_begin(i, heap, p->page);
    if (i->heap.start == i->heap.end || !note_pages(i, p))
        return;
    n = pages_copy(p, room, data.start, n < room_len ? n : room_len) / WORD;
    struct walk w = {.idle = i,
                     .jumps = 1024 + ((heap.end - heap.start) >> i->shift) / 2};
    for (size_t at = BEFORE_BINS; at + (size_t)2 * BINS <= n; at++)
        if (are_bins(&w, room + at, data.start + at * WORD)) {
            walk_arena(&w, room + at, data.start + at * WORD);
            return;
        }
}
