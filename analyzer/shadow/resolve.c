/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

/* The one object that lives in this block, or OURO_NONE. */
static uint32_t only_object(const struct replay *r, uint32_t block)
{
    const uint32_t i = blocks_get(&r->blocks, block)->object;
    if (i == OURO_NONE ||
        objects_get(&r->objects, i)->in_block.next != OURO_NONE)
        return OURO_NONE;
    return i;
}

uint32_t resolve_object(const struct replay *r, uint64_t addr)
{
    const uint32_t exact = objects_at(&r->objects, addr);
    if (exact != OURO_NONE)
        return exact;
    const uint32_t block = blocks_holding(&r->blocks, addr);
    if (block != OURO_NONE)
        return only_object(r, block);
    return objects_around(&r->objects, addr, OURO_NONE);
}

/* The object that begins where its block does and has no size of its own:
   all of the block that is nothing else's. */
static uint32_t main_object(const struct replay *r, uint32_t block)
{
    const uint32_t i =
        objects_at(&r->objects, blocks_get(&r->blocks, block)->place.addr);
    if (i == OURO_NONE)
        return i;
    const struct live_object *k = objects_get(&r->objects, i);
    return k->block == block && k->bytes == 0 ? i : OURO_NONE;
}

static uint32_t owner_in_block(const struct replay *r, uint64_t addr,
                               uint32_t block)
{
    if (blocks_get(&r->blocks, block)->object == OURO_NONE)
        return OURO_NONE;
    uint32_t i = only_object(r, block);
    if (i == OURO_NONE)
        i = objects_around(&r->objects, addr, block);
    return i == OURO_NONE ? main_object(r, block) : i;
}

static struct whose object_at(const struct replay *r, uint32_t object)
{
    return (struct whose){
        .kind = HOLDER_OBJECT,
        .who = object,
        .start = objects_get(&r->objects, object)->place.addr,
        .owner = object,
    };
}

static uint32_t block_owner(const struct replay *r, uint32_t block)
{
    const struct block_extra *x = blocks_extra_of(&r->blocks, block);
    return x ? x->owner : OURO_NONE;
}

struct whose resolve_owner(const struct replay *r, uint64_t addr)
{
    uint32_t i = objects_at(&r->objects, addr);
    if (i != OURO_NONE)
        return object_at(r, i);
    const uint32_t block = blocks_holding(&r->blocks, addr);
    i = block == OURO_NONE ? objects_around(&r->objects, addr, OURO_NONE)
                           : owner_in_block(r, addr, block);
    if (i != OURO_NONE)
        return object_at(r, i);
    if (block == OURO_NONE)
        return (struct whose){
            .kind = HOLDER_ADDRESS, .who = OURO_NONE, .owner = OURO_NONE};
    return (struct whose){
        .kind = HOLDER_BLOCK,
        .who = block,
        .start = blocks_get(&r->blocks, block)->place.addr,
        .owner = block_owner(r, block),
    };
}

uint32_t resolve_owner_of(const struct replay *r, uint32_t holder)
{
    const struct holder *h = links_holder(&r->links, holder);
    if (h->kind == HOLDER_BLOCK)
        return block_owner(r, h->who);
    return h->kind == HOLDER_OBJECT ? h->who : OURO_NONE;
}

static uint32_t *holder_of(const struct replay *r, const struct whose *w)
{
    if (w->kind == HOLDER_OBJECT)
        return &objects_get(&r->objects, w->who)->holder;
    struct block_extra *x = blocks_extra_of(&r->blocks, w->who);
    return x ? &x->holder : NULL;
}

uint32_t resolve_holder(const struct replay *r, const struct whose *w,
                        uint64_t addr)
{
    if (w->kind == HOLDER_ADDRESS)
        return links_root(&r->links, addr);
    const uint32_t *holder = holder_of(r, w);
    return holder ? *holder : OURO_NONE;
}

uint32_t resolve_make_holder(struct replay *r, const struct whose *w,
                             uint64_t addr)
{
    if (w->kind == HOLDER_ADDRESS)
        return links_make_root(&r->links, addr);
    if (w->kind == HOLDER_BLOCK)
        blocks_make_extra(&r->blocks, w->who);
    uint32_t *holder = holder_of(r, w);
    if (*holder == OURO_NONE) {
        *holder = links_make_holder(&r->links, w->kind, w->who);
        if (w->kind == HOLDER_BLOCK && w->owner != OURO_NONE)
            slots_chain(&r->blocks.extras,
                        &objects_get(&r->objects, w->owner)->written,
                        blocks_get(&r->blocks, w->who)->extra,
                        offsetof(struct block_extra, written));
    }
    return *holder;
}
