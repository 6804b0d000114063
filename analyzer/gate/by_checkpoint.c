/* SPDX-License-Identifier: MIT */
#include "gate/by_checkpoint.h"

#include <stdlib.h>

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const struct at_checkpoint *x = a;
    const struct at_checkpoint *y = b;
    int c = compare(x->source->recording, y->source->recording);
    if (c == 0)
        c = compare(x->source->image, y->source->image);
    if (c == 0)
        c = compare(x->checkpoint->number, y->checkpoint->number);
    return c ? c : compare((uintptr_t)x->gated, (uintptr_t)y->gated);
}

bool at_same_checkpoint(const struct at_checkpoint *a,
                        const struct at_checkpoint *b)
{
    return a->source->recording == b->source->recording &&
           a->source->image == b->source->image &&
           a->checkpoint->number == b->checkpoint->number;
}

static bool fails(const struct gated *g)
{
    return g->is == STANDS_NEW || g->is == STANDS_GROWN;
}

struct by_checkpoint by_checkpoint_find(struct arena *a,
                                        const struct verdicts *v)
{
    struct by_checkpoint b = {0};
    size_t n = 0;
    for (uint32_t i = 0; i < v->n && fails(&v->at[i]); i++)
        for (uint32_t s = 0; s < v->at[i].now->n_sources; s++)
            n += v->at[i].now->sources[s].n_checkpoints;
    b.at = ARENA_ARRAY(a, n, struct at_checkpoint);
    for (uint32_t i = 0; i < v->n && fails(&v->at[i]); i++)
        for (uint32_t s = 0; s < v->at[i].now->n_sources; s++) {
            const struct source *from = &v->at[i].now->sources[s];
            for (uint32_t c = 0; c < from->n_checkpoints; c++)
                b.at[b.n++] = (struct at_checkpoint){
                    from, &from->checkpoints[c], &v->at[i]};
        }
    if (b.n > 0)
        qsort(b.at, b.n, sizeof *b.at, by_place);
    return b;
}
