/* SPDX-License-Identifier: MIT */
#include "shadow/plain_blocks.h"

bool plain_blocks_may(const struct replay *r)
{
    return !r->listener && r->waiting.n == 0 &&
           r->census.checkpoints.n_all == 0 && r->blocks.orphan_end == 0 &&
           r->objects.loose_end == 0;
}

static uint64_t bit_of(uint64_t addr)
{
    return UINT64_C(1) << (addr >> ITEM_SHIFT) % LEAF_ITEMS;
}

static void count_allocation(struct shadow_totals *t, uint64_t size)
{
    t->allocations++;
    t->allocated_bytes += size;
    t->live_blocks++;
    t->live_bytes += size;
    if (t->live_bytes > t->peak_bytes)
        t->peak_bytes = t->live_bytes;
}

/* The leaf is there and marked, so nothing above it changes. */
static bool allocate(struct replay *r, const struct event *e)
{
    struct blocks *b = &r->blocks;
    struct addrmap_leaf *leaf = addrmap_leaf_at(&b->map, e->a);
    const uint64_t bit = bit_of(e->a);
    if (!leaf || !leaf->marked || leaf->bits & bit)
        return false;
    const uint32_t i = slots_take_as_it_is(&b->slots);
    *blocks_get(b, i) = (struct live_block){
        .place = {.state = SLOT_LIVE, .next = OURO_NONE, .addr = e->a},
        .size = e->size,
        .stamp = e->stamp,
        .stack = e->stack,
        .object = OURO_NONE,
        .extra = OURO_NONE,
        .entry = (uint8_t)(e->kind - OURO_ALLOC),
    };
    b->map.n_empty -= leaf->bits == 0;
    leaf->bits |= bit;
    leaf->item[(e->a >> ITEM_SHIFT) % LEAF_ITEMS] = i;
    blocks_widen(&b->lowest, &b->end, e->a, e->size);
    count_allocation(&r->totals, e->size);
    return true;
}

static bool is_bare(const struct live_block *k)
{
    return k->place.next == OURO_NONE && k->object == OURO_NONE &&
           k->extra == OURO_NONE && k->flags == 0;
}

/* Its leaf's notes are none that were forgotten. */
static bool release(struct replay *r, const struct event *e)
{
    struct blocks *b = &r->blocks;
    struct addrmap_leaf *leaf = addrmap_leaf_at(&b->map, e->a);
    const uint64_t bit = bit_of(e->a);
    if (!leaf || !(leaf->bits & bit) || leaf->age != b->map.age)
        return false;
    uint32_t *item = &leaf->item[(e->a >> ITEM_SHIFT) % LEAF_ITEMS];
    const uint32_t i = *item;
    const struct live_block *k = blocks_get(b, i);
    if (k->place.addr != e->a || !is_bare(k))
        return false;
    r->totals.frees++;
    r->totals.live_blocks--;
    r->totals.live_bytes -= k->size;
    *item = e->a % (1 << ITEM_SHIFT) == 0 ? k->stack + 1 : 0;
    leaf->bits &= ~bit;
    b->map.n_empty += leaf->bits == 0;
    slots_give(&b->slots, i);
    return true;
}

bool plain_blocks_apply(struct replay *r, const struct event *e)
{
    const bool allocates = e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS;
    if (!allocates && e->kind != OURO_FREE)
        return false;
    if (!(allocates ? allocate(r, e) : release(r, e)))
        return false;
    if (e->stamp > r->stamp)
        r->stamp = e->stamp;
    return true;
}
