/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

static void count_live(struct replay *r, uint64_t was, uint64_t is)
{
    struct shadow_totals *t = &r->totals;
    t->live_bytes += is - was;
    if (t->live_bytes > t->peak_bytes)
        t->peak_bytes = t->live_bytes;
}

static void tell_comes(const struct replay *r, uint32_t block)
{
    if (r->listener && r->listener->block_comes)
        r->listener->block_comes(r->listener->to, r, block);
}

static void tell_moves(const struct replay *r, uint32_t block)
{
    if (r->listener && r->listener->block_moves)
        r->listener->block_moves(r->listener->to, r, block);
}

/* Whatever was announced to live in fresh memory, in no block: if it came just
   now, its event was ahead of the allocation; else it is long gone. */
static void take_in_loose(struct replay *r, uint32_t block)
{
    enum { STRANGERS = 32 };
    const struct objects *o = &r->objects;
    const struct live_block k = *blocks_get(&r->blocks, block);
    const uint64_t last = k.place.addr + (k.size ? k.size - 1 : 0);
    if (last < o->loose_lowest || k.place.addr >= o->loose_end)
        return;
    uint32_t i = addrmap_below(&o->map, last);
    for (int n = 0; n < STRANGERS && i != OURO_NONE; n++) {
        const struct live_object *object = objects_get(o, i);
        const uint64_t addr = object->place.addr;
        if (addr < k.place.addr)
            return;
        if (object->block == OURO_NONE) {
            n--;
            if (r->stamp - object->stamp <= r->patience)
                object_enters(r, i, block);
            else
                end_object(r, i);
        }
        i = addr > k.place.addr ? addrmap_below(&o->map, addr - 1) : OURO_NONE;
    }
}

/* Memory that was handed out just now holds no elements. */
static void take_in(struct replay *r, uint32_t block)
{
    if (r->blocks.orphan_end == 0 && r->objects.loose_end == 0)
        return; /* never was there any that was in no block */
    for (;;) {
        const uint32_t orphan = blocks_orphan_in(&r->blocks, block);
        if (orphan == OURO_NONE)
            break;
        end_block(r, orphan, false);
    }
    take_in_loose(r, block);
}

static void allocated(struct replay *r, const struct event *e, uint8_t entry)
{
    const uint32_t i = blocks_add(&r->blocks, e->a, e->size);
    struct live_block *k = blocks_get(&r->blocks, i);
    k->stamp = e->stamp;
    k->stack = e->stack;
    k->entry = entry;
    r->totals.allocations++;
    r->totals.allocated_bytes += e->size;
    r->totals.live_blocks++;
    count_live(r, 0, e->size);
    tell_comes(r, i);
    take_in(r, i);
}

/* A block is needed at this address: is it free, or must it be? */
static bool make_way(struct replay *r, uint64_t addr, bool must)
{
    const uint32_t old = blocks_at(&r->blocks, addr);
    if (old == OURO_NONE)
        return true;
    if (!must)
        return false;
    r->totals.order_conflicts++;
    table_set(&r->doubtful, addr, 1);
    end_block(r, old, false);
    return true;
}

bool rule_alloc(struct replay *r, const struct event *e, bool must)
{
    if (!make_way(r, e->a, must))
        return false;
    allocated(r, e, (uint8_t)(e->kind - OURO_ALLOC));
    return true;
}

static void count_free(struct replay *r, const struct live_block *k)
{
    if (k->flags & BLOCK_INHERITED)
        r->totals.inherited_frees++;
    else
        r->totals.frees++;
}

bool rule_free(struct replay *r, const struct event *e, bool must)
{
    const uint32_t i = blocks_at(&r->blocks, e->a);
    if (i == OURO_NONE) {
        if (must)
            misuse_unknown_free(r, e->a);
        return must;
    }
    count_free(r, blocks_get(&r->blocks, i));
    end_block(r, i, true);
    return true;
}

void block_leaves(struct replay *r, uint32_t block)
{
    struct blocks *b = &r->blocks;
    const struct block_extra *x = blocks_extra_of(b, block);
    for (uint32_t n = x ? x->element : OURO_NONE; n != OURO_NONE;
         n = blocks_extra(b, n)->elements.next)
        block_leaves(r, blocks_extra(b, n)->block);
    for (uint32_t i = blocks_get(b, block)->object; i != OURO_NONE;
         i = objects_get(&r->objects, i)->in_block.next) {
        addrmap_remove(&r->objects.map, i, 0);
        objects_get(&r->objects, i)->away = true;
    }
    blocks_hide(b, block, 0);
}

/* Those behind the block's new end are gone. */
static void objects_come(struct replay *r, uint32_t block, uint64_t distance)
{
    struct objects *o = &r->objects;
    const struct live_block *b = blocks_get(&r->blocks, block);
    const uint64_t size = b->size ? b->size : 1;
    uint32_t next;
    for (uint32_t i = b->object; i != OURO_NONE; i = next) {
        struct live_object *k = objects_get(o, i);
        next = k->in_block.next;
        k->place.addr += distance;
        if (k->place.addr - b->place.addr >= size) {
            end_object(r, i);
            continue;
        }
        const uint32_t there = objects_at(o, k->place.addr);
        if (there != OURO_NONE)
            end_object(r, there);
        k->away = false;
        addrmap_add(&o->map, i);
    }
}

static void come(struct replay *r, uint32_t block, uint64_t addr)
{
    struct blocks *b = &r->blocks;
    const uint64_t distance = addr - blocks_get(b, block)->place.addr;
    blocks_show(b, block, addr);
    objects_come(r, block, distance);
    const struct block_extra *x = blocks_extra_of(b, block);
    for (uint32_t n = x ? x->element : OURO_NONE; n != OURO_NONE;
         n = blocks_extra(b, n)->elements.next) {
        const uint32_t i = blocks_extra(b, n)->block;
        come(r, i, blocks_get(b, i)->place.addr + distance);
    }
}

/* Elements come to places where other elements lie, which must be gone. */
static void end_elements_below(struct replay *r, uint32_t block,
                               uint64_t distance)
{
    struct blocks *b = &r->blocks;
    const struct block_extra *x = blocks_extra_of(b, block);
    for (uint32_t n = x ? x->element : OURO_NONE; n != OURO_NONE;
         n = blocks_extra(b, n)->elements.next) {
        const uint32_t i = blocks_extra(b, n)->block;
        const uint64_t addr = blocks_get(b, i)->place.addr + distance;
        uint32_t there;
        while ((there = blocks_element_at(b, addr)) != OURO_NONE)
            end_block(r, there, false);
        end_elements_below(r, i, distance);
    }
}

void block_comes(struct replay *r, uint32_t block, uint64_t addr)
{
    end_elements_below(r, block,
                       addr - blocks_get(&r->blocks, block)->place.addr);
    come(r, block, addr);
    take_in(r, block);
}

bool rule_realloc_begin(struct replay *r, const struct event *e, bool must)
{
    struct replay_thread *t = replay_thread(r, e->thread);
    if (t->in_realloc) /* its end is missing */
        rule_realloc_failed(r, e, true);
    const uint32_t i = blocks_at(&r->blocks, e->a);
    if (i == OURO_NONE && !must)
        return false;
    t->in_realloc = true;
    t->stack = e->stack;
    t->away = i;
    if (i == OURO_NONE)
        misuse_unknown_free(r, e->a);
    else
        block_leaves(r, i);
    return true;
}

/* Of a block that changes its size, and the objects that have theirs from it.
 */
static void tell_census(struct replay *r, uint32_t block,
                        void (*block_does)(struct replay *r, uint32_t block),
                        void (*object_does)(struct replay *r, uint32_t object))
{
    if (r->census.checkpoints.n_all == 0)
        return;
    block_does(r, block);
    for (uint32_t i = blocks_get(&r->blocks, block)->object; i != OURO_NONE;
         i = objects_get(&r->objects, i)->in_block.next)
        object_does(r, i);
}

/* The block that comes back is the one that the process made: a block that was
   inherited is not any more. */
static void moved(struct replay *r, const struct event *e, uint32_t block,
                  uint8_t entry)
{
    struct live_block *k = blocks_get(&r->blocks, block);
    const uint32_t begin = replay_thread(r, e->thread)->stack;
    const bool inherited = k->flags & BLOCK_INHERITED;
    tell_moves(r, block);
    tell_census(r, block, census_block_leaves, census_object_leaves);
    count_free(r, k);
    r->totals.allocations++;
    r->totals.allocated_bytes += e->size;
    r->totals.live_blocks += inherited;
    count_live(r, inherited ? 0 : k->size, e->size);
    if (inherited)
        k->stamp = e->stamp;
    k->flags &= (uint8_t)~BLOCK_INHERITED;
    k->size = e->size;
    k->entry = entry;
    if (e->stack || begin)
        k->stack = e->stack ? e->stack : begin;
    tell_comes(r, block);
    tell_census(r, block, census_block_comes, census_object_comes);
    block_comes(r, block, e->a);
}

bool rule_realloc_end(struct replay *r, const struct event *e, bool must)
{
    const uint8_t entry = e->kind == OURO_REALLOC_END ? OURO_ENTRY_REALLOC
                                                      : OURO_ENTRY_REALLOCARRAY;
    if (!make_way(r, e->a, must))
        return false;
    struct replay_thread *t = replay_thread(r, e->thread);
    t->in_realloc = false;
    const uint32_t i = t->away;
    t->away = OURO_NONE;
    if (i == OURO_NONE)
        allocated(r, e, entry);
    else
        moved(r, e, i, entry);
    return true;
}

bool rule_realloc_failed(struct replay *r, const struct event *e, bool must)
{
    struct replay_thread *t = replay_thread(r, e->thread);
    const uint32_t i = t->away;
    if (i != OURO_NONE) {
        const uint64_t addr = blocks_get(&r->blocks, i)->place.addr;
        if (!make_way(r, addr, must))
            return false;
        block_comes(r, i, addr);
    }
    t->away = OURO_NONE;
    t->in_realloc = false;
    return true;
}

bool rule_realloc_freed(struct replay *r, const struct event *e, bool must)
{
    (void)must;
    struct replay_thread *t = replay_thread(r, e->thread);
    const uint32_t i = t->away;
    t->away = OURO_NONE;
    t->in_realloc = false;
    if (i != OURO_NONE) {
        count_free(r, blocks_get(&r->blocks, i));
        end_block(r, i, true);
    }
    return true;
}
