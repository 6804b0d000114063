/* SPDX-License-Identifier: MIT */
#include "explain/drafts.h"

#include <stdlib.h>
#include <string.h>

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Equal ids in a row, the smallest instance first. */
static int by_id(const void *a, const void *b)
{
    const struct draft *x = a;
    const struct draft *y = b;
    int c = strcmp(x->f.id, y->f.id);
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

/* The types of all n drafts, each once, most first. */
static void merge_types(struct arena *a, struct finding *f,
                        const struct draft *drafts, uint32_t n)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most += drafts[i].f.n_types;
    if (most == 0)
        return;
    struct finding_type *all = must_calloc(most, sizeof *all);
    uint32_t n_all = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < drafts[i].f.n_types; j++)
            all[n_all++] = drafts[i].f.types[j];
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

static void add(struct finding *sum, const struct finding *more)
{
    sum->instances += more->instances;
    sum->objects += more->objects;
    sum->blocks += more->blocks;
    sum->bytes += more->bytes;
    sum->retained_objects += more->retained_objects;
    sum->retained_blocks += more->retained_blocks;
    sum->retained_bytes += more->retained_bytes;
}

void drafts_merge(struct findings *f, struct draft *drafts, uint32_t n)
{
    if (n > 0)
        qsort(drafts, n, sizeof *drafts, by_id);
    f->at = ARENA_ARRAY(&f->arena, n, struct finding);
    for (uint32_t i = 0; i < n;) {
        struct finding *made = &f->at[f->n++];
        *made = drafts[i].f;
        uint32_t end = i + 1;
        for (; end < n && strcmp(drafts[end].f.id, made->id) == 0; end++)
            add(made, &drafts[end].f);
        merge_types(&f->arena, made, &drafts[i], end - i);
        i = end;
    }
    if (f->n > 0)
        qsort(f->at, f->n, sizeof *f->at, by_retained);
}
