/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

/* The pool of the event; announced as missing where there is none. */
static bool find_pool(struct replay *r, const struct event *e, bool must,
                      uint32_t *pool)
{
    *pool = blocks_pool(&r->blocks, e->a);
    if (*pool != OURO_NONE)
        return true;
    if (must)
        misuse_unknown(r, e, false);
    return false;
}

static void reset(struct replay *r, uint32_t pool)
{
    const struct pool *p = slots_at(&r->blocks.pools, pool);
    while (p->element != OURO_NONE)
        end_block(r, blocks_extra(&r->blocks, p->element)->block, true);
}

/* A pool that is announced again has more memory: its elements stay. */
bool rule_pool_create(struct replay *r, const struct event *e, bool must)
{
    (void)must;
    if (blocks_pool(&r->blocks, e->a) == OURO_NONE)
        blocks_make_pool(&r->blocks, e->a);
    return true;
}

/* An object that is there already was announced a moment too early, or is one
   of those whose end nobody announced. */
static void take_in_object(struct replay *r, uint32_t element)
{
    const uint64_t addr = blocks_get(&r->blocks, element)->place.addr;
    const uint32_t i = objects_at(&r->objects, addr);
    if (i == OURO_NONE)
        return;
    if (r->stamp - objects_get(&r->objects, i)->stamp <= r->patience)
        object_enters(r, i, element);
    else
        end_object(r, i);
}

static uint32_t add_element(struct replay *r, uint32_t pool,
                            const struct event *e)
{
    struct blocks *b = &r->blocks;
    const bool told = r->census.checkpoints.n_all > 0;
    const uint32_t parent = told ? blocks_holding(b, e->b) : OURO_NONE;
    if (parent != OURO_NONE)
        census_block_leaves(r, parent);
    const uint32_t i = blocks_add_element(b, pool, e->b, e->size);
    if (parent != OURO_NONE)
        census_block_comes(r, parent);
    return i;
}

bool rule_pool_alloc(struct replay *r, const struct event *e, bool must)
{
    uint32_t pool;
    if (!find_pool(r, e, must, &pool))
        return must;
    const uint32_t old = blocks_element_at(&r->blocks, e->b);
    if (old != OURO_NONE && old == blocks_holding(&r->blocks, e->b) &&
        blocks_extra_of(&r->blocks, old)->pool == pool) {
        if (!must)
            return false;
        r->totals.order_conflicts++;
        end_block(r, old, false);
    }
    const uint32_t i = add_element(r, pool, e);
    if (i == OURO_NONE) {
        misuse_unknown(r, e, false);
        return true;
    }
    struct live_block *k = blocks_get(&r->blocks, i);
    k->stamp = e->stamp;
    k->stack = e->stack;
    k->entry = OURO_ENTRY_MALLOC;
    take_in_object(r, i);
    return true;
}

/* The element of this pool that begins at addr. */
static uint32_t element_of(const struct replay *r, uint32_t pool, uint64_t addr)
{
    const struct blocks *b = &r->blocks;
    uint32_t i = addrmap_at(&b->map, addr);
    while (i != OURO_NONE && (!(blocks_get(b, i)->flags & BLOCK_ELEMENT) ||
                              blocks_extra_of(b, i)->pool != pool))
        i = addrmap_next_at(&b->map, i);
    return i;
}

bool rule_pool_free(struct replay *r, const struct event *e, bool must)
{
    uint32_t pool;
    if (!find_pool(r, e, must, &pool))
        return must;
    const uint32_t i = element_of(r, pool, e->b);
    if (i == OURO_NONE) {
        if (must)
            misuse_unknown(r, e, false);
        return must;
    }
    end_block(r, i, true);
    return true;
}

bool rule_pool_reset(struct replay *r, const struct event *e, bool must)
{
    uint32_t pool;
    if (!find_pool(r, e, must, &pool))
        return must;
    reset(r, pool);
    return true;
}

bool rule_pool_destroy(struct replay *r, const struct event *e, bool must)
{
    uint32_t pool;
    if (!find_pool(r, e, must, &pool))
        return must;
    reset(r, pool);
    blocks_drop_pool(&r->blocks, pool);
    return true;
}
