/* SPDX-License-Identifier: MIT */
#include "explain/appearances.h"

#include "explain/inquiry.h"

#include <stdlib.h>

void appearances_begin(struct inquiry *q)
{
    const struct checkpoints *c = &q->s->checkpoints;
    struct appearances *a = &q->appearances;
    if (c->n_all != c->n)
        return;
    a->named = ARENA_ARRAY(&q->scratch, c->n, uint32_t);
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->at[i].snapshot)
            a->named[a->n_named++] = i;
}

void appearances_release(struct inquiry *q)
{
    free(q->appearances.at);
}

/* How many came before it. */
static uint32_t checkpoint_of(const struct inquiry *q, uint64_t stamp)
{
    const struct appearances *a = &q->appearances;
    uint32_t low = 0, high = a->n_named;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (q->s->checkpoints.at[a->named[middle]].stamp <= stamp)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void appearances_note(struct inquiry *q, uint32_t *newest, uint64_t stamp)
{
    struct appearances *a = &q->appearances;
    if (a->n_named == 0)
        return;
    const uint32_t checkpoint = checkpoint_of(q, stamp);
    if (*newest > 0 && a->at[*newest - 1].checkpoint == checkpoint) {
        a->at[*newest - 1].instances++;
        return;
    }
    GROW(a->at, a->n, a->room);
    a->at[a->n++] = (struct appearance){checkpoint, *newest, 1};
    *newest = a->n;
}

static int by_checkpoint(const void *a, const void *b)
{
    const struct appearance *x = a;
    const struct appearance *y = b;
    return (x->checkpoint > y->checkpoint) - (x->checkpoint < y->checkpoint);
}

/* The caller frees them. */
static struct appearance *list(const struct inquiry *q,
                               const struct draft *drafts, uint32_t n,
                               uint32_t *n_all)
{
    struct appearance *all = NULL;
    uint32_t room = 0;
    *n_all = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t at = drafts[i].appeared; at != 0;
             at = q->appearances.at[at - 1].next) {
            GROW(all, *n_all, room);
            all[(*n_all)++] = q->appearances.at[at - 1];
        }
    if (*n_all > 0)
        qsort(all, *n_all, sizeof *all, by_checkpoint);
    return all;
}

/* Its name's number, by which checkpoints are one; 0: before the first. */
static uint32_t name_of(const struct inquiry *q, uint32_t checkpoint)
{
    if (checkpoint == 0)
        return 0;
    return q->s->checkpoints.at[q->appearances.named[checkpoint - 1]].name;
}

void appearances_describe(struct inquiry *q, const struct draft *drafts,
                          uint32_t n, struct finding *f)
{
    uint32_t n_all;
    struct table of_name = {0};
    struct appearance *all = list(q, drafts, n, &n_all);
    f->checkpoints = ARENA_ARRAY(q->out, n_all, struct finding_checkpoint);
    for (uint32_t i = 0; i < n_all; i++) {
        const uint32_t name = name_of(q, all[i].checkpoint);
        /* one may have no name, and is not what came before the first */
        const uint64_t key = 2 * (uint64_t)name + (all[i].checkpoint > 0);
        const uint64_t known = table_get(&of_name, key);
        if (known > 0) {
            f->checkpoints[known - 1].instances += all[i].instances;
            continue;
        }
        f->checkpoints[f->n_checkpoints++] = (struct finding_checkpoint){
            .name = inquiry_text(q, name),
            .number = all[i].checkpoint,
            .instances = all[i].instances,
        };
        table_set(&of_name, key, f->n_checkpoints);
    }
    table_release(&of_name);
    free(all);
}
