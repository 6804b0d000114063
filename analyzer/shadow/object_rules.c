/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

/* Does it hold something, or did it hold what is dead? */
static bool holds(const struct replay *r, const struct live_object *k)
{
    if (k->holder == OURO_NONE)
        return false;
    const struct holder *h = links_holder(&r->links, k->holder);
    return h->link != OURO_NONE || h->dangling != OURO_NONE;
}

/* What was written in a block before its object was announced (members are made
   before their class) is the object's. */
static void take_over_links(struct replay *r, uint32_t object, uint32_t block)
{
    struct block_extra *x = blocks_extra_of(&r->blocks, block);
    struct live_object *k = objects_get(&r->objects, object);
    if (!x || x->holder == OURO_NONE || holds(r, k) ||
        k->place.addr != blocks_get(&r->blocks, block)->place.addr)
        return;
    if (k->holder != OURO_NONE)
        links_drop_holder(&r->links, k->holder);
    struct holder *h = links_holder(&r->links, x->holder);
    h->kind = HOLDER_OBJECT;
    h->who = object;
    oddity_take_back(r, x); /* whoever wrote in it was only too early */
    k->holder = x->holder;
    if (x->owner != OURO_NONE)
        slots_unchain(&r->blocks.extras,
                      &objects_get(&r->objects, x->owner)->written,
                      blocks_get(&r->blocks, block)->extra,
                      offsetof(struct block_extra, written));
    x->holder = OURO_NONE;
}

static void change_block(struct replay *r, uint32_t object, uint32_t block)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (k->block != OURO_NONE)
        slots_unchain(&r->objects.slots,
                      &blocks_get(&r->blocks, k->block)->object, object,
                      offsetof(struct live_object, in_block));
    k->block = block;
    if (block == OURO_NONE) {
        objects_note_loose(&r->objects, object);
        return;
    }
    slots_chain(&r->objects.slots, &blocks_get(&r->blocks, block)->object,
                object, offsetof(struct live_object, in_block));
    if (k->stack == 0)
        k->stack = blocks_get(&r->blocks, block)->stack;
    take_over_links(r, object, block);
}

void object_enters(struct replay *r, uint32_t object, uint32_t block)
{
    const uint32_t old = objects_get(&r->objects, object)->block;
    census_object_leaves(r, object);
    if (old != OURO_NONE)
        census_block_leaves(r, old);
    if (block != OURO_NONE && block != old)
        census_block_leaves(r, block);
    change_block(r, object, block);
    census_object_comes(r, object);
    if (old != OURO_NONE)
        census_block_comes(r, old);
    if (block != OURO_NONE && block != old)
        census_block_comes(r, block);
}

/* An object is to live here: one that does so already must be dead. */
static bool make_way(struct replay *r, uint64_t addr, bool must)
{
    const uint32_t old = objects_at(&r->objects, addr);
    if (old == OURO_NONE)
        return true;
    if (!must)
        return false;
    oddity_renewed(r, old);
    end_object(r, old);
    return true;
}

bool rule_new(struct replay *r, const struct event *e, bool must)
{
    if (!make_way(r, e->a, must))
        return false;
    const bool plain = e->kind == OURO_REC_NEW;
    const bool leaf = !plain && e->flags & OURO_NEW_IS_LEAF;
    if (!leaf)
        generations_count(r);
    const uint32_t i = slots_take(&r->objects.slots);
    struct live_object *k = objects_get(&r->objects, i);
    k->place.addr = e->a;
    k->rc = plain ? 1 : e->n;
    k->counted = k->rc > 0;
    k->birth = r->n_born++;
    k->stamp = e->stamp;
    k->bytes = plain ? 0 : e->size;
    k->type = e->text;
    k->stack = e->stack;
    k->flags = leaf ? OBJECT_LEAF : 0;
    k->block = k->holder = k->into = k->owned = k->written = OURO_NONE;
    k->watched = r->listener && r->listener->wants(r->listener->to, k->birth);
    addrmap_add(&r->objects.map, i);
    object_enters(r, i, blocks_holding(&r->blocks, e->a));
    generations_enter(r, i);
    r->totals.objects_created++;
    r->totals.objects_live++;
    replay_tell(r, i, OURO_REC_NEW, k->rc, 0);
    return true;
}

/* The object of e->a; where there is none, and it must be, that is noted. */
static bool find(struct replay *r, const struct event *e, bool must,
                 uint32_t *object)
{
    *object = resolve_object(r, e->a);
    if (*object != OURO_NONE)
        return true;
    if (must)
        misuse_unknown(r, e, e->kind == OURO_REC_DEAD);
    return false;
}

bool rule_dead(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!find(r, e, must, &i))
        return must;
    end_object(r, i);
    return true;
}

bool rule_move(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!find(r, e, must, &i))
        return must;
    struct live_object *k = objects_get(&r->objects, i);
    if (k->place.addr == e->b)
        return true;
    if (!make_way(r, e->b, must))
        return false;
    census_object_leaves(r, i);
    addrmap_remove(&r->objects.map, i, 0);
    k->place.addr = e->b;
    addrmap_add(&r->objects.map, i);
    census_object_comes(r, i);
    object_enters(r, i, blocks_holding(&r->blocks, e->b));
    return true;
}

bool rule_type(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!find(r, e, must, &i))
        return must;
    census_object_leaves(r, i);
    objects_get(&r->objects, i)->type = e->text;
    census_object_comes(r, i);
    return true;
}

bool rule_label(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!find(r, e, must, &i))
        return must;
    objects_get(&r->objects, i)->label = e->text;
    return true;
}

bool rule_flag(struct replay *r, const struct event *e, bool must)
{
    uint32_t i;
    if (!find(r, e, must, &i))
        return must;
    uint32_t *flags = &objects_get(&r->objects, i)->flags;
    if (e->kind == OURO_REC_TRACK)
        generations_track(r, i);
    else if (e->kind == OURO_REC_UNTRACK)
        generations_untrack(r, i);
    else if (e->kind == OURO_REC_IMMORTAL)
        *flags |= OBJECT_IMMORTAL;
    else
        *flags |= OBJECT_FINALIZER;
    return true;
}

static void ignore_block(struct replay *r, uint32_t block)
{
    census_block_leaves(r, block);
    blocks_get(&r->blocks, block)->flags |= BLOCK_IGNORED;
    census_block_comes(r, block);
}

static void ignore_object(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (k->flags & OBJECT_IGNORED)
        return;
    census_object_leaves(r, object);
    for (uint32_t i = k->owned; i != OURO_NONE;
         i = blocks_extra(&r->blocks, i)->owned.next)
        census_block_leaves(r, blocks_extra(&r->blocks, i)->block);
    k->flags |= OBJECT_IGNORED;
}

/* The block, and the object that is meant by the same address. */
bool rule_ignore(struct replay *r, const struct event *e, bool must)
{
    const uint32_t block = blocks_holding(&r->blocks, e->a);
    const uint32_t object = resolve_object(r, e->a);
    if (block == OURO_NONE && object == OURO_NONE) {
        if (must)
            misuse_unknown(r, e, false);
        return must;
    }
    if (block != OURO_NONE)
        ignore_block(r, block);
    if (object != OURO_NONE)
        ignore_object(r, object);
    return true;
}

bool rule_own(struct replay *r, const struct event *e, bool must)
{
    const uint32_t block = blocks_holding(&r->blocks, e->b);
    uint32_t i;
    if (block == OURO_NONE && !must)
        return false;
    if (!find(r, e, must, &i))
        return must;
    if (block == OURO_NONE) {
        misuse_unknown(r, e, false);
        return true;
    }
    oddity_take_back(r, blocks_make_extra(&r->blocks, block));
    const uint32_t extra = blocks_get(&r->blocks, block)->extra;
    block_disowned(r, extra);
    block_owned(r, extra, i);
    return true;
}
