/* SPDX-License-Identifier: MIT */
#include "explain/group.h"

#include <stdlib.h>
#include <xxhash.h>

void groups_init(struct groups *g)
{
    *g = (struct groups){.seed = hash_seed()};
}

void groups_release(struct groups *g)
{
    free(g->at);
    table_release(&g->of_key);
    *g = (struct groups){0};
}

static bool is_same(const struct group *a, const struct group *b)
{
    return a->stack == b->stack && a->what == b->what && a->type == b->type &&
           a->other_stack == b->other_stack;
}

struct group *groups_find(struct groups *g, const struct group *key)
{
    const uint32_t said[] = {key->stack, key->what, key->type,
                             key->other_stack};
    const uint64_t hash = XXH64(said, sizeof said, g->seed);
    const uint32_t first = (uint32_t)table_get(&g->of_key, hash);
    for (uint32_t i = first; i != 0; i = g->at[i - 1].next)
        if (is_same(&g->at[i - 1], key))
            return &g->at[i - 1];
    GROW(g->at, g->n, g->room);
    struct group *made = &g->at[g->n++];
    *made = (struct group){
        .stack = key->stack,
        .what = key->what,
        .type = key->type,
        .other_stack = key->other_stack,
        .next = first,
    };
    table_set(&g->of_key, hash, g->n);
    return made;
}

void group_add(struct group *g, uint32_t thing, uint64_t birth, struct held own,
               struct held held)
{
    if (g->instances++ == 0 || birth < g->birth) {
        g->eldest = thing;
        g->birth = birth;
    }
    held_add(&g->own, own);
    held_add(&g->held, held);
}
