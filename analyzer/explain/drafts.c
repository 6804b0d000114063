/* SPDX-License-Identifier: MIT */
#include "explain/drafts.h"

#include <stdlib.h>
#include <string.h>

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* The worst first. */
static int rank(enum reach reach)
{
    static const int ranks[] = {
        [REACH_DEFINITE] = 0,
        [REACH_POSSIBLE] = 1,
        [REACH_UNKNOWN] = 2,
        [REACH_REACHABLE] = 3,
    };
    return ranks[reach];
}

/* Equal ids in a row, those of the worst reach first, and of them the smallest
   instance. */
static int by_id(const void *a, const void *b)
{
    const struct draft *x = a;
    const struct draft *y = b;
    int c = strcmp(x->id, y->id);
    if (c == 0)
        c = rank(x->reach) - rank(y->reach);
    if (c == 0)
        c = compare(x->size, y->size);
    return c ? c : compare(x->birth, y->birth);
}

static int by_retained(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;
    const int c = compare(y->retained_bytes, x->retained_bytes);
    return c ? c : strcmp(x->id, y->id);
}

static int by_name(const void *a, const void *b)
{
    const struct finding_type *x = a;
    const struct finding_type *y = b;
    return strcmp(x->type, y->type);
}

static int by_count(const void *a, const void *b)
{
    const struct finding_type *x = a;
    const struct finding_type *y = b;
    const int c = compare(y->count, x->count);
    return c ? c : strcmp(x->type, y->type);
}

/* The types of n drafts, in a row; the caller frees them. */
static struct finding_type *list_types(const struct draft *drafts, uint32_t n,
                                       uint32_t *n_types)
{
    struct finding_type *all = NULL;
    uint32_t room = 0;
    *n_types = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct draft *d = &drafts[i];
        const struct finding_type *types = d->n_types ? d->types : &d->type;
        const uint32_t most = d->n_types ? d->n_types : *d->type.type != 0;
        for (uint32_t j = 0; j < most; j++) {
            GROW(all, *n_types, room);
            all[(*n_types)++] = types[j];
        }
    }
    return all;
}

/* Each type once, most first. */
static void merge_types(struct arena *a, struct finding *f,
                        const struct draft *drafts, uint32_t n)
{
    uint32_t n_all;
    struct finding_type *all = list_types(drafts, n, &n_all);
    if (n_all == 0)
        return;
    qsort(all, n_all, sizeof *all, by_name);
    uint32_t kept = 0;
    for (uint32_t i = 1; i < n_all; i++) {
        if (strcmp(all[kept].type, all[i].type) == 0)
            all[kept].count += all[i].count;
        else
            all[++kept] = all[i];
    }
    f->n_types = kept + 1;
    qsort(all, f->n_types, sizeof *all, by_count);
    f->types = ARENA_ARRAY(a, f->n_types, struct finding_type);
    memcpy(f->types, all, f->n_types * sizeof *all);
    free(all);
}

static void add(struct finding *f, const struct draft *d)
{
    f->instances += d->instances;
    f->objects += d->own.objects;
    f->blocks += d->own.blocks;
    f->bytes += d->own.bytes;
    if (d->holder != OURO_NONE)
        return;
    f->retained_objects += d->held.objects;
    f->retained_blocks += d->held.blocks;
    f->retained_bytes += d->held.bytes;
}

static void describe(struct inquiry *q, const struct draft *d,
                     struct finding *f)
{
    if (d->describe) {
        d->describe(q, d->index, f);
        return;
    }
    switch (d->kind) {
    case FINDING_CYCLE:
        cycles_describe(q, d->index, f);
        return;
    case FINDING_UNBALANCED:
    case FINDING_OVER_RELEASE:
        balances_describe(q, d->index, f);
        return;
    case FINDING_LEAK:
        leaks_describe(q, d->index, f);
        return;
    case FINDING_MISUSE:
        misuses_describe(q, d->index, f);
        return;
    case FINDING_GHOST_EDGE:
        return;
    }
}

/* How many of n drafts, in a row, are of one reach. */
static uint32_t count_alike(const struct draft *drafts, uint32_t n)
{
    uint32_t end = 1;
    while (end < n && drafts[end].reach == drafts->reach)
        end++;
    return end;
}

/* What the same finding is elsewhere: n drafts of other reaches. */
static void add_elsewhere(struct finding *f, const struct draft *drafts,
                          uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct finding_elsewhere *last = f->elsewhere + f->n_elsewhere - 1;
        if (i == 0 || last->reach != drafts[i].reach) {
            last = &f->elsewhere[f->n_elsewhere++];
            last->reach = drafts[i].reach;
        }
        last->instances += drafts[i].instances;
        last->blocks += drafts[i].own.blocks;
        last->bytes += drafts[i].own.bytes;
    }
}

/* n drafts of one id. */
static struct finding finding_of(struct inquiry *q, const struct draft *drafts,
                                 uint32_t n_all)
{
    const uint32_t n = count_alike(drafts, n_all);
    struct finding f = {
        .kind = drafts->kind,
        .evidence = "recorded",
        .shape = "single",
        .reach = drafts->reach,
        .generation = -1,
        .closing_edge = OURO_NONE,
        .orphaned_by = "",
        .allocator = "",
        .label = "",
    };
    memcpy(f.id, drafts->id, sizeof f.id);
    for (uint32_t i = 0; i < n; i++)
        add(&f, &drafts[i]);
    merge_types(q->out, &f, drafts, n);
    add_elsewhere(&f, drafts + n, n_all - n);
    if (drafts->holder != OURO_NONE)
        holders_describe(
            q, f.kind == FINDING_LEAK ? &q->lost_holders : &q->holders,
            drafts->holder, &f);
    describe(q, drafts, &f);
    appearances_describe(q, drafts, n, &f);
    if (f.kind == FINDING_LEAK && n > 1)
        leaks_places(q, drafts, n, &f);
    return f;
}

void drafts_merge(struct inquiry *q, struct findings *f)
{
    const uint32_t n = q->n_drafts;
    if (n > 0)
        qsort(q->drafts, n, sizeof *q->drafts, by_id);
    holders_find(q);
    leaks_share(q);
    uint32_t n_ids = 0;
    for (uint32_t i = 0; i < n; i++)
        n_ids += i == 0 || strcmp(q->drafts[i - 1].id, q->drafts[i].id) != 0;
    f->at = ARENA_ARRAY(&f->arena, n_ids, struct finding);
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i + 1;
        while (end < n && strcmp(q->drafts[end].id, q->drafts[i].id) == 0)
            end++;
        f->at[f->n++] = finding_of(q, &q->drafts[i], end - i);
        i = end;
    }
    if (f->n > 0)
        qsort(f->at, f->n, sizeof *f->at, by_retained);
}
