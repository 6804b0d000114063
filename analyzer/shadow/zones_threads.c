/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/zones_parts.h"

#include <stdlib.h>

/* A thread with the memory that its stack is in. */
struct stack {
    uint32_t thread, block;
    uint64_t at;  /* a place in it that is in use, whatever is known */
    uint64_t low; /* and the lowest one */
    uint64_t start, end;
};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool has_ended(const struct snapshot_thread *t)
{
    return t->seen == OURO_SNAP_ENDED;
}

/* What else is mapped behind a stack may look like a part of it. On x86-64
   nothing of a thread comes behind its struct pthread, which tp points at. */
static uint64_t end_by_tp(const struct zoning *g,
                          const struct snapshot_thread *t)
{
    enum { PTHREAD = 2304 };
    if (has_ended(t) && t->tp < UINT64_MAX - 2 * PAGE_BYTES)
        return zones_page_behind(t->tp + PTHREAD);
    if (g->t->header.machine != OURO_MACHINE_X86_64 || t->tp <= t->sure ||
        t->tp > UINT64_MAX - 2 * PAGE_BYTES)
        return UINT64_MAX;
    return zones_page_behind(t->tp + PTHREAD);
}

/* In what a block or a module holds, it is no mapping of its own. */
static bool find_stack(const struct zoning *g, uint32_t thread, struct stack *k)
{
    const struct snapshot_thread *t = &g->s->threads[thread];
    *k = (struct stack){.thread = thread, .block = OURO_NONE};
    k->at = t->sure ? t->sure : t->sp ? t->sp : t->end ? t->end - 1 : t->tp;
    const uint32_t region = zones_region(g->s, k->at);
    if (region == OURO_NONE)
        return false;
    zones_mapping(g->s, region, &k->start, &k->end);
    k->block = block_index_holding(g->x, k->at);
    if (k->block != OURO_NONE) {
        const struct block *b = &g->x->blocks[k->block];
        k->start = most(k->start, b->addr);
        k->end = least(k->end, b->addr + b->size);
    } else if (zones_in_module(g->z, k->at)) {
        k->start = t->sp && t->sp < k->at ? t->sp : k->at;
    }
    if (t->end != 0)
        k->end = least(k->end, t->end);
    k->end = least(k->end, end_by_tp(g, t));
    k->low = t->sp >= k->start && t->sp < k->at ? t->sp : k->at;
    return k->at < k->end;
}

static int by_place(const void *a, const void *b)
{
    const struct stack *x = a;
    const struct stack *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

static void add(struct zoning *g, const struct stack *k, enum zone_kind kind,
                uint64_t start, uint64_t end)
{
    zones_add(&g->z->threads, (struct zone){.start = most(start, k->start),
                                            .end = least(end, k->end),
                                            .kind = kind,
                                            .who = k->thread,
                                            .block = k->block});
}

/* Nobody knows where it is: but its end, with its thread-local storage and its
   first frames, is in use. */
static void add_unknown(struct zoning *g, const struct stack *k)
{
    const uint64_t tp = g->s->threads[k->thread].tp;
    if (tp < k->start || tp >= k->end) {
        add(g, k, ZONE_STACK_LOW, k->start, k->end);
        return;
    }
    const uint64_t tls = tp > TLS_AROUND ? tp - TLS_AROUND : 0;
    add(g, k, ZONE_STACK_LOW, k->start, tls);
    add(g, k, ZONE_TLS, tls, k->end);
}

static void add_stack(struct zoning *g, const struct stack *k)
{
    const struct snapshot_thread *t = &g->s->threads[k->thread];
    if (has_ended(t)) {
        add(g, k, ZONE_STALE, k->start, k->end);
        return;
    }
    if (t->sp == 0) {
        add_unknown(g, k);
        return;
    }
    const uint64_t sure = most(t->sure, t->sp);
    add(g, k, ZONE_STALE, k->start, t->sp);
    add(g, k, ZONE_STACK_LOW, t->sp, sure);
    add(g, k, ZONE_STACK, sure, k->end);
}

/* Several may be in one mapping: each ends where the next one is in use. */
void zones_find_stacks(struct zoning *g)
{
    struct stack *all = must_calloc(g->s->n_threads, sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->s->n_threads; i++)
        if (find_stack(g, i, &all[n]))
            n++;
    if (n > 0)
        qsort(all, n, sizeof *all, by_place);
    uint64_t before = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct stack *k = &all[i];
        if (i + 1 < n)
            k->end = least(k->end, all[i + 1].low);
        k->start = most(k->start, before);
        add_stack(g, k);
        before = most(before, k->end);
    }
    free(all);
    zones_sort(&g->z->threads);
}

static uint32_t pages_at(const struct zones *z, uint64_t addr)
{
    uint32_t low = 0;
    uint32_t high = z->n_pages;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (z->pages[middle].start <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || addr - z->pages[low - 1].start >= z->pages[low - 1].len)
        return OURO_NONE;
    return low - 1;
}

/* In pages that hold blocks, or in a module: what lies near it. */
static void add_near(struct zoning *g, uint32_t thread)
{
    const uint64_t tp = g->s->threads[thread].tp;
    const uint32_t region = zones_region(g->s, tp);
    if (region == OURO_NONE)
        return;
    struct stack k = {.thread = thread, .block = block_index_holding(g->x, tp)};
    zones_mapping(g->s, region, &k.start, &k.end);
    add(g, &k, ZONE_TLS, tp > TLS_AROUND ? tp - TLS_AROUND : 0,
        tp < UINT64_MAX - TLS_AROUND ? tp + TLS_AROUND : UINT64_MAX);
}

static bool is_covered(const struct zones *z, uint64_t tp)
{
    const struct zone *zone = zone_at(&z->threads, tp);
    return zone && (zone->kind == ZONE_STACK || zone->kind == ZONE_TLS);
}

/* The whole run of pages that it is in, which are then no others' any more. */
static void add_tls(struct zoning *g, uint32_t thread, unsigned char *taken)
{
    struct zones *z = g->z;
    const uint32_t i = pages_at(z, g->s->threads[thread].tp);
    if (i == OURO_NONE) {
        add_near(g, thread);
        return;
    }
    if (!taken[i])
        zones_add(&z->threads,
                  (struct zone){.start = z->pages[i].start,
                                .end = z->pages[i].start + z->pages[i].len,
                                .kind = ZONE_TLS,
                                .who = thread,
                                .block = OURO_NONE});
    taken[i] = 1;
}

void zones_find_tls(struct zoning *g)
{
    struct zones *z = g->z;
    unsigned char *taken = must_calloc(z->n_pages, 1);
    unsigned char *covered = must_calloc(g->s->n_threads, 1);
    for (uint32_t i = 0; i < g->s->n_threads; i++)
        covered[i] = g->s->threads[i].tp == 0 || has_ended(&g->s->threads[i]) ||
                     is_covered(z, g->s->threads[i].tp);
    for (uint32_t i = 0; i < g->s->n_threads; i++)
        if (!covered[i])
            add_tls(g, i, taken);
    zones_sort(&z->threads);
    uint32_t n = 0;
    for (uint32_t i = 0; i < z->n_pages; i++)
        if (!taken[i])
            z->pages[n++] = z->pages[i];
    z->n_pages = n;
    free(taken);
    free(covered);
}
