/* SPDX-License-Identifier: MIT */
/*
 * The places of a leak that are one by their functions.
 */
#include "explain/inquiry.h"

#include <stdlib.h>

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
