/* SPDX-License-Identifier: MIT */
/*
 * slow_pools.h - the blocks of a program's own allocator
 */
#ifndef TESTS_SLOW_POOLS_H
#define TESTS_SLOW_POOLS_H

#include "slow_blocks.h"

static int slow_element(const struct slow *s, uint64_t pool, uint64_t addr)
{
    for (int i = s->n_blocks - 1; i >= 0; i--)
        if (s->blocks[i].alive == 1 && s->blocks[i].element &&
            s->blocks[i].pool == pool && s->blocks[i].addr == addr)
            return i;
    return NOBODY;
}

static void slow_pool_alloc(struct slow *s, const struct event *e)
{
    const int old = slow_element(s, e->a, e->b);
    if (old != NOBODY && old == slow_holding(s, e->b)) {
        s->totals.order_conflicts++;
        slow_end_block(s, old, 0);
    }
    const int parent = slow_holding(s, e->b);
    if (parent != NOBODY && slow_depth(s, parent) >= 16) {
        s->totals.unannounced++;
        return;
    }
    const int i = slow_add_block(s, e, e->b, 1);
    s->blocks[i].pool = e->a;
    s->blocks[i].parent = parent;
    const int object = slow_object_at(s, e->b);
    if (object == NOBODY)
        return;
    if (s->now - s->objects[object].stamp <= s->patience)
        slow_enters(s, object, i);
    else
        slow_end_object(s, object);
}

static void slow_pool(struct slow *s, const struct event *e)
{
    int pool = 0;
    while (pool < s->n_pools && s->pools[pool] != e->a)
        pool++;
    if (e->kind == OURO_REC_POOL_CREATE) {
        if (pool == s->n_pools)
            s->pools[s->n_pools++] = e->a;
        return;
    }
    if (pool == s->n_pools) {
        s->totals.unannounced++;
    } else if (e->kind == OURO_REC_POOL_ALLOC) {
        slow_pool_alloc(s, e);
    } else if (e->kind == OURO_REC_POOL_FREE) {
        const int i = slow_element(s, e->a, e->b);
        if (i == NOBODY)
            s->totals.unannounced++;
        else
            slow_end_block(s, i, 1);
    } else {
        for (int i = s->n_blocks - 1; i >= 0; i--)
            if (s->blocks[i].alive && s->blocks[i].element &&
                s->blocks[i].pool == e->a)
                slow_end_block(s, i, 1);
        if (e->kind == OURO_REC_POOL_DESTROY)
            s->pools[pool] = s->pools[--s->n_pools];
    }
}

#endif
