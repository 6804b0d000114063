/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

void end_link(struct replay *r, uint32_t link)
{
    const struct live_link *k = links_get(&r->links, link);
    struct live_object *target = objects_get(&r->objects, k->target);
    if (k->holder == ACQUIRES)
        target->acquired--;
    else
        replay_tell_link(r, k, OURO_REC_UNLINK);
    lasting_event(r, k->target);
    links_remove(&r->links, link, &target->into);
}

void end_links_of(struct replay *r, uint32_t holder)
{
    const struct holder *h = links_holder(&r->links, holder);
    while (h->link != OURO_NONE)
        end_link(r, h->link);
    dangling_forget(r, holder);
}

static void end_holder(struct replay *r, uint32_t holder)
{
    if (holder == OURO_NONE)
        return;
    end_links_of(r, holder);
    links_drop_holder(&r->links, holder);
}

/* Nobody can hold what is gone. */
static void end_links_into(struct replay *r, struct live_object *k)
{
    while (k->into != OURO_NONE) {
        const uint32_t i = k->into;
        const uint32_t holder = links_get(&r->links, i)->holder;
        if (holder != ACQUIRES) {
            oddity_dangling(r, links_get(&r->links, i));
            dangling_note(r, links_get(&r->links, i), k);
        }
        links_remove(&r->links, i, &k->into);
        if (holder == ACQUIRES)
            continue;
        const struct holder *h = links_holder(&r->links, holder);
        if (h->kind == HOLDER_ADDRESS && h->link == OURO_NONE)
            links_drop_holder(&r->links, holder);
    }
}

void block_owned(struct replay *r, uint32_t extra, uint32_t object)
{
    const struct slots *extras = &r->blocks.extras;
    struct live_object *k = objects_get(&r->objects, object);
    struct block_extra *x = blocks_extra(&r->blocks, extra);
    census_block_leaves(r, x->block);
    x->owner = object;
    slots_chain(extras, &k->owned, extra, offsetof(struct block_extra, owned));
    if (x->holder != OURO_NONE)
        slots_chain(extras, &k->written, extra,
                    offsetof(struct block_extra, written));
    census_block_comes(r, x->block);
}

void block_disowned(struct replay *r, uint32_t extra)
{
    const struct slots *extras = &r->blocks.extras;
    struct block_extra *x = blocks_extra(&r->blocks, extra);
    if (x->owner == OURO_NONE)
        return;
    struct live_object *k = objects_get(&r->objects, x->owner);
    census_block_leaves(r, x->block);
    slots_unchain(extras, &k->owned, extra,
                  offsetof(struct block_extra, owned));
    if (x->holder != OURO_NONE)
        slots_unchain(extras, &k->written, extra,
                      offsetof(struct block_extra, written));
    x->owner = OURO_NONE;
    census_block_comes(r, x->block);
}

void end_links_owned(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (k->holder != OURO_NONE)
        end_links_of(r, k->holder);
    while (k->written != OURO_NONE) {
        const uint32_t i = k->written;
        struct block_extra *x = blocks_extra(&r->blocks, i);
        end_holder(r, x->holder);
        slots_unchain(&r->blocks.extras, &k->written, i,
                      offsetof(struct block_extra, written));
        x->holder = OURO_NONE;
    }
}

static void disown_all(struct replay *r, const struct live_object *k)
{
    while (k->owned != OURO_NONE)
        block_disowned(r, k->owned);
}

/* Its block is without it. */
static void leave_block(struct replay *r, uint32_t object)
{
    const uint32_t block = objects_get(&r->objects, object)->block;
    if (block == OURO_NONE)
        return;
    census_block_leaves(r, block);
    slots_unchain(&r->objects.slots, &blocks_get(&r->blocks, block)->object,
                  object, offsetof(struct live_object, in_block));
    census_block_comes(r, block);
}

void end_object(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    replay_tell_note(r, object, OURO_REC_DEAD, k->rc);
    generations_leave(r, object);
    census_object_leaves(r, object);
    end_links_owned(r, object);
    end_holder(r, k->holder);
    end_links_into(r, k);
    disown_all(r, k);
    leave_block(r, object);
    r->totals.objects_live -= !(k->flags & OBJECT_INHERITED);
    if (k->away)
        slots_give(&r->objects.slots, object);
    else
        objects_bury(&r->objects, object, r->stamp, r->now ? r->now->stack : 0);
}

static void end_objects_in(struct replay *r, uint32_t block, bool freed)
{
    for (;;) {
        const uint32_t i = blocks_get(&r->blocks, block)->object;
        if (i == OURO_NONE)
            return;
        const struct live_object *k = objects_get(&r->objects, i);
        if (freed && k->rc > 0 &&
            !(k->flags & (OBJECT_IMMORTAL | OBJECT_INHERITED)))
            misuse_of_object(r, MISUSE_FREED_OWNER, k);
        end_object(r, i);
    }
}

static void end_extra(struct replay *r, uint32_t block, bool freed)
{
    struct blocks *b = &r->blocks;
    struct block_extra *x = blocks_extra_of(b, block);
    while (x->element != OURO_NONE)
        end_block(r, blocks_extra(b, x->element)->block, freed);
    block_disowned(r, blocks_get(b, block)->extra);
    end_holder(r, x->holder);
    oddity_forget(r, x);
}

/* The element's parent is without it. */
static void drop_element(struct replay *r, uint32_t block)
{
    const uint32_t parent = blocks_extra_of(&r->blocks, block)->parent;
    if (parent != OURO_NONE)
        census_block_leaves(r, parent);
    blocks_drop(&r->blocks, block);
    if (parent != OURO_NONE)
        census_block_comes(r, parent);
}

/* What lives in it, lies in it or is held by it. */
static void end_contents(struct replay *r, uint32_t block, bool freed)
{
    const struct live_block *k = blocks_get(&r->blocks, block);
    if (r->listener && r->listener->block_ends)
        r->listener->block_ends(r->listener->to, r, block);
    if (k->object != OURO_NONE)
        end_objects_in(r, block, freed);
    if (k->extra != OURO_NONE)
        end_extra(r, block, freed);
    census_block_leaves(r, block);
}

void end_block(struct replay *r, uint32_t block, bool freed)
{
    struct blocks *b = &r->blocks;
    const struct live_block *k = blocks_get(b, block);
    if (k->object != OURO_NONE || k->extra != OURO_NONE || r->listener ||
        r->census.checkpoints.n_all > 0)
        end_contents(r, block, freed);
    if (!(k->flags & (BLOCK_INHERITED | BLOCK_ELEMENT))) {
        r->totals.live_blocks--;
        r->totals.live_bytes -= k->size;
    }
    const uint32_t note = k->flags & BLOCK_ELEMENT ? 0 : k->stack + 1;
    if (k->extra == OURO_NONE && !(k->flags & BLOCK_AWAY)) {
        blocks_drop_plain(b, block, note);
        return;
    }
    if (!(k->flags & BLOCK_AWAY))
        blocks_hide(b, block, note);
    if (k->flags & BLOCK_ELEMENT)
        drop_element(r, block);
    else
        blocks_drop(b, block);
}
