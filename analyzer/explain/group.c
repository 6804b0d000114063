/* SPDX-License-Identifier: MIT */
#include "explain/group.h"

#include <stdlib.h>

void groups_init(struct groups *g, uint32_t n_stacks)
{
    *g = (struct groups){
        .n_stacks = n_stacks,
        .of_stack = must_calloc(n_stacks, sizeof *g->of_stack),
    };
}

void groups_release(struct groups *g)
{
    free(g->at);
    free(g->of_stack);
    *g = (struct groups){0};
}

static bool is_same(const struct group *a, const struct group *b)
{
    return a->stack == b->stack && a->what == b->what && a->type == b->type &&
           a->other_stack == b->other_stack;
}

struct group *groups_find(struct groups *g, const struct group *key)
{
    uint32_t *link = &g->of_stack[key->stack];
    for (uint32_t i = *link; i != 0; i = g->at[i - 1].next)
        if (is_same(&g->at[i - 1], key))
            return &g->at[i - 1];
    GROW(g->at, g->n, g->room);
    struct group *made = &g->at[g->n++];
    *made = (struct group){
        .stack = key->stack,
        .what = key->what,
        .type = key->type,
        .other_stack = key->other_stack,
        .next = *link,
    };
    *link = g->n;
    return made;
}

static void add(struct held *sum, struct held more)
{
    sum->objects += more.objects;
    sum->blocks += more.blocks;
    sum->bytes += more.bytes;
}

void group_add(struct group *g, uint32_t thing, uint64_t birth, struct held own,
               struct held held)
{
    if (g->instances++ == 0 || birth < g->birth) {
        g->eldest = thing;
        g->birth = birth;
    }
    add(&g->own, own);
    add(&g->held, held);
}
