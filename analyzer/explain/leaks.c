/* SPDX-License-Identifier: MIT */
/*
 * Blocks that are alive at the end and that no protocol covers, by site.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdlib.h>

static bool is_leak(const struct inquiry *q, uint32_t block)
{
    const struct block *b = &q->s->blocks[block];
    return !b->inherited && !b->ignored && !q->w.covered[block];
}

void leaks_gather(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->s->n_blocks; i++) {
        if (!is_leak(q, i))
            continue;
        const struct block *b = &q->s->blocks[i];
        const struct group key = {.stack = b->stack, .what = b->entry};
        const struct held own = {0, 1, b->size};
        group_add(groups_find(&q->leaks, &key), i, b->stamp, own, own);
    }
}

void leaks_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->leaks.n; i++)
        inquiry_ask(q, q->leaks.at[i].stack);
}

const char *inquiry_allocator(const struct block *b)
{
    static const char *const names[] = {OURO_ENTRY_NAMES};
    if (b->pool)
        return "pool";
    return b->entry < OURO_N_ENTRIES ? names[b->entry] : "";
}

void leaks_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->leaks.n; i++) {
        const struct group *g = &q->leaks.at[i];
        struct draft *d = inquiry_draft_group(q, FINDING_LEAK, i, g);
        uint64_t part = inquiry_part(q, 0, g->stack);
        fingerprint_set(d->id, "leak", &part, 1);
    }
}

void leaks_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->leaks.at[index];
    f->what = "blocks alive at the end";
    f->reach = REACH_UNKNOWN;
    f->allocator = inquiry_allocator(&q->s->blocks[g->eldest]);
    f->stack = inquiry_places(q, g->stack);
}

static int by_bytes(const void *a, const void *b, void *of)
{
    const struct draft *drafts = of;
    const struct draft *x = &drafts[*(const uint32_t *)a];
    const struct draft *y = &drafts[*(const uint32_t *)b];
    if (x->own.bytes != y->own.bytes)
        return x->own.bytes > y->own.bytes ? -1 : 1;
    return (x->birth > y->birth) - (x->birth < y->birth);
}

void leaks_places(struct inquiry *q, const struct draft *drafts, uint32_t n,
                  struct finding *f)
{
    const uint32_t told = n < FINDING_PLACES ? n : FINDING_PLACES;
    uint32_t *order = must_calloc(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_bytes, (void *)drafts);
    f->n_places = n;
    f->places = ARENA_ARRAY(q->out, told, struct finding_place);
    for (uint32_t i = 0; i < told; i++) {
        const struct draft *d = &drafts[order[i]];
        const struct group *g = &q->leaks.at[d->index];
        f->places[i] = (struct finding_place){
            .allocator = inquiry_allocator(&q->s->blocks[g->eldest]),
            .blocks = d->own.blocks,
            .bytes = d->own.bytes,
            .stack = inquiry_places(q, g->stack),
        };
    }
    free(order);
}
