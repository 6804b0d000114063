/* SPDX-License-Identifier: MIT */
#include "shadow/blocks.h"

#include <string.h>

void blocks_init(struct blocks *b)
{
    memset(b, 0, sizeof *b);
    slots_init(&b->slots, sizeof(struct live_block));
    slots_init(&b->extras, sizeof(struct block_extra));
    slots_init(&b->pools, sizeof(struct pool));
    addrmap_init(&b->map, &b->slots);
    b->lowest = b->orphan_lowest = UINT64_MAX;
}

void blocks_release(struct blocks *b)
{
    addrmap_release(&b->map);
    slots_release(&b->slots);
    slots_release(&b->extras);
    slots_release(&b->pools);
    table_release(&b->pool_of);
}

uint32_t blocks_from(const struct blocks *b, uint32_t i, unsigned element)
{
    while (i != OURO_NONE &&
           (blocks_get(b, i)->flags & BLOCK_ELEMENT) != element)
        i = addrmap_next_at(&b->map, i);
    return i;
}

uint32_t blocks_element_at(const struct blocks *b, uint64_t addr)
{
    return blocks_from(b, addrmap_at(&b->map, addr), BLOCK_ELEMENT);
}

static bool holds(const struct live_block *k, uint64_t addr)
{
    return addr - k->place.addr < (k->size ? k->size : 1);
}

static uint32_t parent_of(const struct blocks *b, uint32_t i)
{
    const struct block_extra *x = blocks_extra_of(b, i);
    return x ? x->parent : OURO_NONE;
}

uint32_t blocks_holding(const struct blocks *b, uint64_t addr)
{
    if (addr < b->lowest || addr >= b->end)
        return OURO_NONE;
    uint32_t i = addrmap_below(&b->map, addr);
    while (i != OURO_NONE && !holds(blocks_get(b, i), addr))
        i = parent_of(b, i);
    return i;
}

uint32_t blocks_add(struct blocks *b, uint64_t addr, uint64_t size)
{
    const uint32_t i = slots_take_as_it_is(&b->slots);
    *blocks_get(b, i) = (struct live_block){
        .place = {.state = SLOT_LIVE, .addr = addr},
        .size = size,
        .object = OURO_NONE,
        .extra = OURO_NONE,
    };
    blocks_widen(&b->lowest, &b->end, addr, size);
    addrmap_add(&b->map, i);
    return i;
}

struct block_extra *blocks_make_extra(struct blocks *b, uint32_t i)
{
    if (blocks_get(b, i)->extra == OURO_NONE) {
        const uint32_t n = slots_take(&b->extras);
        blocks_get(b, i)->extra = n;
        struct block_extra *x = blocks_extra(b, n);
        x->block = i;
        x->parent = x->element = x->owner = x->holder = x->pool = OURO_NONE;
        x->stranger = OURO_NONE;
    }
    return blocks_extra_of(b, i);
}

uint32_t blocks_add_element(struct blocks *b, uint32_t pool, uint64_t addr,
                            uint64_t size)
{
    const uint32_t parent = blocks_holding(b, addr);
    const int depth =
        parent == OURO_NONE ? 0 : blocks_get(b, parent)->depth + 1;
    if (depth > MAX_DEPTH)
        return OURO_NONE;
    const uint32_t i = blocks_add(b, addr, size);
    blocks_get(b, i)->flags = BLOCK_ELEMENT;
    blocks_get(b, i)->depth = (uint8_t)depth;
    blocks_make_extra(b, i);
    const uint32_t self = blocks_get(b, i)->extra;
    if (parent == OURO_NONE) {
        blocks_widen(&b->orphan_lowest, &b->orphan_end, addr, size);
    } else {
        blocks_make_extra(b, parent);
        blocks_extra(b, self)->parent = parent;
        slots_chain(&b->extras, &blocks_extra_of(b, parent)->element, self,
                    offsetof(struct block_extra, elements));
    }
    struct pool *p = slots_at(&b->pools, pool);
    blocks_extra(b, self)->pool = pool;
    slots_chain(&b->extras, &p->element, self,
                offsetof(struct block_extra, in_pool));
    return i;
}

static uint32_t orphan_at(const struct blocks *b, uint64_t addr)
{
    uint32_t i = addrmap_at(&b->map, addr);
    while (i != OURO_NONE && (!(blocks_get(b, i)->flags & BLOCK_ELEMENT) ||
                              parent_of(b, i) != OURO_NONE))
        i = addrmap_next_at(&b->map, i);
    return i;
}

uint32_t blocks_orphan_in(const struct blocks *b, uint32_t block)
{
    enum { STRANGERS = 32 };
    const struct live_block *k = blocks_get(b, block);
    const uint64_t first = k->place.addr;
    uint64_t last = first + (k->size ? k->size - 1 : 0);
    if (last < b->orphan_lowest || first >= b->orphan_end)
        return OURO_NONE;
    for (int n = 0; n < STRANGERS; n++) {
        const uint32_t near = addrmap_below(&b->map, last);
        const uint64_t addr = blocks_get(b, near)->place.addr;
        const uint32_t i = orphan_at(b, addr);
        if (i != OURO_NONE || addr == first)
            return i;
        last = addr - 1;
    }
    return orphan_at(b, first);
}

void blocks_hide(struct blocks *b, uint32_t i, uint32_t note)
{
    addrmap_remove(&b->map, i, note);
    blocks_get(b, i)->flags |= BLOCK_AWAY;
}

void blocks_show(struct blocks *b, uint32_t i, uint64_t addr)
{
    struct live_block *k = blocks_get(b, i);
    k->place.addr = addr;
    k->flags &= (uint8_t)~BLOCK_AWAY;
    blocks_widen(&b->lowest, &b->end, addr, k->size);
    addrmap_add(&b->map, i);
}

void blocks_drop(struct blocks *b, uint32_t i)
{
    const uint32_t self = blocks_get(b, i)->extra;
    if (self != OURO_NONE) {
        struct block_extra *x = blocks_extra(b, self);
        if (x->parent != OURO_NONE)
            slots_unchain(&b->extras, &blocks_extra_of(b, x->parent)->element,
                          self, offsetof(struct block_extra, elements));
        if (x->pool != OURO_NONE) {
            struct pool *p = slots_at(&b->pools, x->pool);
            slots_unchain(&b->extras, &p->element, self,
                          offsetof(struct block_extra, in_pool));
        }
        slots_give(&b->extras, self);
    }
    slots_give(&b->slots, i);
}

void blocks_drop_plain(struct blocks *b, uint32_t i, uint32_t note)
{
    addrmap_remove(&b->map, i, note);
    slots_give(&b->slots, i);
}

uint32_t blocks_pool(const struct blocks *b, uint64_t handle)
{
    return (uint32_t)table_get(&b->pool_of, handle) - 1;
}

uint32_t blocks_make_pool(struct blocks *b, uint64_t handle)
{
    const uint32_t i = slots_take(&b->pools);
    struct pool *p = slots_at(&b->pools, i);
    p->element = OURO_NONE;
    p->handle = handle;
    table_set(&b->pool_of, handle, (uint64_t)i + 1);
    return i;
}

void blocks_drop_pool(struct blocks *b, uint32_t pool)
{
    const struct pool *p = slots_at(&b->pools, pool);
    table_remove(&b->pool_of, p->handle);
    slots_give(&b->pools, pool);
}
