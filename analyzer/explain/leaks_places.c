/* SPDX-License-Identifier: MIT */
/*
 * The places of a leak that are one by their functions.
 */
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static int by_bytes(const void *a, const void *b, void *of)
{
    const struct draft *drafts = of;
    const struct draft *x = &drafts[*(const uint32_t *)a];
    const struct draft *y = &drafts[*(const uint32_t *)b];
    if (x->own.bytes != y->own.bytes)
        return x->own.bytes > y->own.bytes ? -1 : 1;
    return (x->birth > y->birth) - (x->birth < y->birth);
}

/* A library that came meanwhile makes other frames of the same calls. */
static bool is_same_stack(const struct places *a, const struct places *b)
{
    if (a->n != b->n)
        return false;
    for (uint32_t i = 0; i < a->n; i++)
        if (!place_looks_like(&a->at[i], &b->at[i]))
            return false;
    return true;
}

/* One of those that are told already, that is told the same. */
static struct finding_place *find_place(const struct finding *f,
                                        const struct finding_place *p)
{
    for (uint32_t i = 0; i < f->n_places && i < FINDING_PLACES; i++)
        if (strcmp(f->places[i].allocator, p->allocator) == 0 &&
            is_same_stack(&f->places[i].stack, &p->stack))
            return &f->places[i];
    return NULL;
}

static void add_place(struct finding *f, const struct finding_place *p)
{
    struct finding_place *same = find_place(f, p);
    if (same) {
        same->blocks += p->blocks;
        same->bytes += p->bytes;
        return;
    }
    if (f->n_places < FINDING_PLACES)
        f->places[f->n_places] = *p;
    f->n_places++;
}

void leaks_places(struct inquiry *q, const struct draft *drafts, uint32_t n,
                  struct finding *f)
{
    uint32_t *order = must_calloc(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_bytes, (void *)drafts);
    f->n_places = 0;
    f->places = ARENA_ARRAY(q->out, FINDING_PLACES, struct finding_place);
    for (uint32_t i = 0; i < n; i++) {
        const struct draft *d = &drafts[order[i]];
        const struct group *g = &q->leaks.at[d->index];
        const struct finding_place p = {
            .allocator = inquiry_allocator(&q->s->blocks[g->eldest]),
            .blocks = d->own.blocks,
            .bytes = d->own.bytes,
            .stack = inquiry_places(q, g->stack),
        };
        add_place(f, &p);
    }
    if (f->n_places < 2)
        f->n_places = 0;
    free(order);
}
