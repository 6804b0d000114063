/* SPDX-License-Identifier: MIT */
#include "shadow/rules.h"

/* The count that the owner took under its own name is the one it holds. */
static void take_acquire(struct replay *r, const struct event *e,
                         const struct whose *w, uint32_t target)
{
    const struct live_object *k = objects_get(&r->objects, target);
    if (k->acquired == 0)
        return;
    uint32_t i = links_find(&r->links, ACQUIRES, 0, e->a, target);
    if (i == OURO_NONE && w->owner != OURO_NONE)
        i = links_find(&r->links, ACQUIRES, 0,
                       objects_get(&r->objects, w->owner)->place.addr, target);
    if (i != OURO_NONE)
        end_link(r, i);
}

/* Where the pointer stands, in a way that outlives a move of its owner or of
   the block around it. */
static void place_slot(const struct replay *r, const struct whose *w,
                       uint64_t slot, struct live_link *link)
{
    link->slot = slot;
    if (slot == 0)
        return;
    const uint32_t block = blocks_holding(&r->blocks, slot);
    if (w->kind == HOLDER_OBJECT) {
        const struct live_object *k = objects_get(&r->objects, w->who);
        const uint64_t distance = slot - k->place.addr;
        if (distance < k->bytes ||
            (k->bytes == 0 && block != OURO_NONE && k->block == block &&
             slot >= k->place.addr)) {
            link->slot_base = SLOT_OWNER;
            link->slot = distance;
            return;
        }
    }
    if (block == OURO_NONE)
        return;
    const struct live_block *k = blocks_get(&r->blocks, block);
    link->slot_base = SLOT_BLOCK;
    link->slot_block = block;
    link->slot_stamp = k->stamp;
    link->slot = slot - k->place.addr;
}

/* It is used, and so is who holds it. */
static void touch(struct replay *r, const struct live_link *link)
{
    const uint32_t owner = resolve_owner_of(r, link->holder);
    generations_touch(r, link->target);
    if (owner != OURO_NONE)
        generations_touch(r, owner);
}

static void add(struct replay *r, struct live_link *link)
{
    touch(r, link);
    lasting_event(r, link->target);
    if (link->index < 0)
        dangling_replace(r, link->holder, link->field, link->offset);
    links_add(&r->links, link, &objects_get(&r->objects, link->target)->into);
    r->totals.links++;
    replay_tell_link(r, link, OURO_REC_LINK);
}

bool rule_link(struct replay *r, const struct event *e, bool must)
{
    const uint32_t target = resolve_object(r, e->b);
    const struct whose w = resolve_owner(r, e->a);
    const bool known =
        target != OURO_NONE && (w.kind != HOLDER_BLOCK || w.owner != OURO_NONE);
    if (!known && !must)
        return false;
    if (target == OURO_NONE) {
        misuse_unknown(r, e, false);
        return true;
    }
    if (!known)
        oddity_stranger(r, e, w.who);
    r->needs_parent |= w.kind == HOLDER_ADDRESS;
    take_acquire(r, e, &w, target);
    struct live_link link = {
        .holder = resolve_make_holder(r, &w, e->a),
        .target = target,
        .field = e->text,
        .stack = e->stack,
        .index = -1,
        .stamp = e->stamp,
        .offset = e->a - w.start,
    };
    if (e->kind == OURO_REC_LINK_AT) {
        link.index = e->n;
        place_slot(r, &w, e->size, &link);
    }
    add(r, &link);
    return true;
}

/* A field that has a name is the owner's, wherever in it or in its blocks it
   was written. Looks at a limited number of the target's references. */
static uint32_t find_elsewhere(const struct replay *r, uint32_t owner,
                               uint32_t field, uint32_t target)
{
    enum { LOOKED_AT = 256 };
    uint32_t i = objects_get(&r->objects, target)->into;
    for (int n = 0; n < LOOKED_AT && i != OURO_NONE; n++) {
        const struct live_link *k = links_get(&r->links, i);
        if (k->field == field && resolve_owner_of(r, k->holder) == owner)
            return i;
        i = k->into.next;
    }
    return OURO_NONE;
}

static uint32_t find_written(const struct replay *r, const struct event *e,
                             const struct whose *w, uint32_t target)
{
    const uint32_t holder = resolve_holder(r, w, e->a);
    uint32_t i = OURO_NONE;
    if (target == OURO_NONE)
        return i;
    if (holder != OURO_NONE)
        i = links_find(&r->links, holder, e->text, e->a - w->start, target);
    if (i == OURO_NONE && e->text != 0 && w->owner != OURO_NONE)
        i = find_elsewhere(r, w->owner, e->text, target);
    return i;
}

/* Takes back reference i to the target, if there is one. */
static bool take_back(struct replay *r, const struct event *e, bool must,
                      uint32_t i, uint32_t target)
{
    if (i != OURO_NONE) {
        r->totals.unlinks++;
        end_link(r, i);
        return true;
    }
    if (must && target == OURO_NONE)
        misuse_unknown(r, e, false);
    else if (must)
        oddity_unmatched(r, e, target);
    return must;
}

static void drop_empty_root(struct replay *r, uint32_t holder)
{
    if (holder == OURO_NONE)
        return;
    const struct holder *h = links_holder(&r->links, holder);
    if (h->kind == HOLDER_ADDRESS && h->link == OURO_NONE)
        links_drop_holder(&r->links, holder);
}

bool rule_unlink(struct replay *r, const struct event *e, bool must)
{
    const uint32_t target = resolve_object(r, e->b);
    const struct whose w = resolve_owner(r, e->a);
    const uint32_t i = find_written(r, e, &w, target);
    if (i == OURO_NONE && dangling_give_up(r, &w, resolve_holder(r, &w, e->a),
                                           e->text, e->a - w.start, e->b)) {
        r->totals.unlinks++;
        return true;
    }
    if (!take_back(r, e, must, i, target))
        return false;
    drop_empty_root(r, resolve_holder(r, &w, e->a));
    return true;
}

bool rule_unlink_all(struct replay *r, const struct event *e, bool must)
{
    (void)must;
    const struct whose w = resolve_owner(r, e->a);
    const uint32_t holder = resolve_holder(r, &w, e->a);
    const uint32_t before = r->links.slots.n_live;
    if (w.owner != OURO_NONE) {
        end_links_owned(r, w.owner);
    } else if (holder != OURO_NONE) {
        end_links_of(r, holder);
        drop_empty_root(r, holder);
    }
    r->totals.unlinks += before - r->links.slots.n_live;
    return true;
}

bool rule_root(struct replay *r, const struct event *e, bool must)
{
    const uint32_t target = resolve_object(r, e->b);
    if (target == OURO_NONE) {
        if (must)
            misuse_unknown(r, e, false);
        return must;
    }
    add(r, &(struct live_link){
               .holder = NAMED_ROOTS,
               .target = target,
               .field = e->text,
               .stack = e->stack,
               .index = -1,
               .stamp = e->stamp,
           });
    return true;
}

bool rule_unroot(struct replay *r, const struct event *e, bool must)
{
    const uint32_t target = resolve_object(r, e->b);
    uint32_t i = OURO_NONE;
    if (target != OURO_NONE)
        i = links_find(&r->links, NAMED_ROOTS, e->text, 0, target);
    return take_back(r, e, must, i, target);
}

/* Never counted, never taken for an owner. */
bool rule_weak(struct replay *r, const struct event *e, bool must)
{
    if (resolve_object(r, e->b) != OURO_NONE)
        return true;
    if (must)
        misuse_unknown(r, e, false);
    return must;
}
