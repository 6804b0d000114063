/* SPDX-License-Identifier: MIT */
#include "gate/entries.h"

#include "report/text_stack.h"

#include <stdlib.h>
#include <string.h>

enum { ID = 16 };

void entries_release(struct entries *e)
{
    for (uint32_t i = 0; i < e->n; i++)
        free(e->at[i].sources);
    free(e->at);
    free(e->rings);
    table_release(&e->of_id);
    arena_release(&e->arena);
    *e = (struct entries){0};
}

bool entry_is_id(const char *text)
{
    return strlen(text) == ID && strspn(text, "0123456789abcdef") == ID;
}

struct entry *entries_find(struct entries *e, const char *id, bool *made)
{
    const uint64_t key = strtoull(id, NULL, 16);
    const uint64_t known = table_get(&e->of_id, key);
    if (made)
        *made = known == 0;
    if (known != 0)
        return &e->at[known - 1];
    GROW(e->at, e->n, e->room);
    struct entry *k = &e->at[e->n++];
    *k = (struct entry){.reach = REACH_UNKNOWN};
    memcpy(k->id, id, ID + 1);
    table_set(&e->of_id, key, e->n);
    return k;
}

static const char *copy(struct entries *e, const char *text)
{
    return arena_text(&e->arena, text, strlen(text));
}

/* The stack that says most about a finding. */
static struct places stack_of(const struct finding *f)
{
    static const struct places none = {0, NULL};
    if (f->stack.n > 0)
        return f->stack;
    if (f->closing_edge < f->n_edges)
        return f->edges[f->closing_edge].stack;
    if (f->n_unreleased > 0)
        return f->unreleased[0].stack;
    if (f->birth_stack.n > 0)
        return f->birth_stack;
    return f->n_members > 0 ? f->members[0].stack : none;
}

static const char *module_name(const struct place *p)
{
    const char *slash = strrchr(p->module, '/');
    const char *name = slash ? slash + 1 : p->module;
    return *name ? name : "?";
}

static void learn(struct entries *e, struct entry *k, const struct finding *f)
{
    const struct places stack = stack_of(f);
    k->kind = f->kind;
    k->n_types = f->n_types < ENTRY_NAMES ? f->n_types : ENTRY_NAMES;
    k->types = ARENA_ARRAY(&e->arena, k->n_types, const char *);
    for (uint32_t i = 0; i < k->n_types; i++)
        k->types[i] = copy(e, f->types[i].type);
    const uint32_t shown = stack.at ? text_stack_shown(stack) : 0;
    k->n_stack = shown < ENTRY_NAMES ? shown : ENTRY_NAMES;
    k->stack = ARENA_ARRAY(&e->arena, k->n_stack, const char *);
    for (uint32_t i = 0; i < k->n_stack; i++) {
        const struct place *p = &stack.at[i];
        k->stack[i] = copy(e, *p->function ? p->function : module_name(p));
    }
}

uint64_t entry_instances(const struct finding *f)
{
    uint64_t n = f->instances;
    for (uint32_t i = 0; i < f->n_elsewhere; i++)
        if (f->elsewhere[i].reach != REACH_REACHABLE)
            n += f->elsewhere[i].instances;
    return n;
}

uint64_t entry_bytes(const struct finding *f)
{
    uint64_t n = f->retained_bytes;
    for (uint32_t i = 0; i < f->n_shared; i++)
        n += f->shared[i].bytes;
    for (uint32_t i = 0; i < f->n_elsewhere; i++)
        if (f->elsewhere[i].reach != REACH_REACHABLE)
            n += f->elsewhere[i].bytes;
    return n;
}

struct entry *entries_add(struct entries *e, const struct finding *f,
                          bool *made)
{
    bool is_new;
    struct entry *k = entries_find(e, f->id, &is_new);
    if (made)
        *made = is_new;
    if (is_new)
        learn(e, k, f);
    if (f->reach < k->reach)
        k->reach = f->reach;
    k->instances += entry_instances(f);
    k->bytes += entry_bytes(f);
    for (uint32_t i = 0; i < f->n_held; i++)
        entries_hold(e, f->id, f->held[i].id, f->held[i].rings);
    for (uint32_t s = 0; s < f->n_shared; s++)
        for (uint32_t i = 0; i < f->shared[s].n_held; i++)
            entries_hold(e, f->id, f->shared[s].held[i].id,
                         f->shared[s].held[i].rings);
    return k;
}

void entries_hold(struct entries *e, const char *holder, const char *id,
                  uint64_t rings)
{
    GROW(e->rings, e->n_rings, e->rings_room);
    struct entry_ring *r = &e->rings[e->n_rings++];
    *r = (struct entry_ring){.rings = rings};
    memcpy(r->holder, holder, ID + 1);
    memcpy(r->id, id, ID + 1);
}

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    return strcmp(x->id, y->id);
}

static int by_holder(const void *a, const void *b)
{
    const struct entry_ring *x = a;
    const struct entry_ring *y = b;
    const int c = strcmp(x->holder, y->holder);
    return c ? c : strcmp(x->id, y->id);
}

/* Rings of one holder and id are one. */
static void merge_rings(struct entries *e)
{
    uint32_t kept = 0;
    if (e->n_rings == 0)
        return;
    qsort(e->rings, e->n_rings, sizeof *e->rings, by_holder);
    for (uint32_t i = 1; i < e->n_rings; i++) {
        if (by_holder(&e->rings[kept], &e->rings[i]) == 0)
            e->rings[kept].rings += e->rings[i].rings;
        else
            e->rings[++kept] = e->rings[i];
    }
    e->n_rings = kept + 1;
}

void entries_sort(struct entries *e)
{
    if (e->n > 0)
        qsort(e->at, e->n, sizeof *e->at, by_id);
    table_release(&e->of_id);
    merge_rings(e);
}

bool entries_are_valid(const struct entries *e)
{
    uint32_t ring = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        if (!entry_is_id(e->at[i].id) ||
            (i > 0 && by_id(&e->at[i - 1], &e->at[i]) >= 0))
            return false;
        while (ring < e->n_rings &&
               strcmp(e->rings[ring].holder, e->at[i].id) == 0)
            ring++;
    }
    for (uint32_t i = 1; i < e->n_rings; i++)
        if (by_holder(&e->rings[i - 1], &e->rings[i]) >= 0)
            return false;
    return ring == e->n_rings;
}

const struct entry_ring *entries_rings(const struct entries *e, uint32_t k,
                                       uint32_t *n)
{
    uint32_t low = 0, high = e->n_rings;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (strcmp(e->rings[middle].holder, e->at[k].id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *n = 0;
    while (low + *n < e->n_rings &&
           strcmp(e->rings[low + *n].holder, e->at[k].id) == 0)
        ++*n;
    return e->rings + low;
}
