/* SPDX-License-Identifier: MIT */
/*
 * slow_links.h - references that are made and given up
 */
#ifndef TESTS_SLOW_LINKS_H
#define TESTS_SLOW_LINKS_H

#include "slow_blocks.h"

static int slow_find(const struct slow *s, int by, uint64_t who, uint32_t field,
                     uint64_t offset, int target)
{
    for (int i = s->n_links - 1; i >= 0; i--) {
        const struct slow_link *l = &s->links[i];
        if (l->alive && l->by == by && (by == 'n' || l->who == who) &&
            l->target == target && l->field == field &&
            (field || l->offset == offset))
            return i;
    }
    return NOBODY;
}

static void slow_place(const struct slow *s, struct slow_link *l, uint64_t slot)
{
    l->slot = slot;
    if (slot == 0)
        return;
    const int block = slow_holding(s, slot);
    if (l->by == 'o') {
        const struct slow_object *o = &s->objects[l->who];
        const int own = slot >= o->addr && slot - o->addr < o->bytes;
        const int rest = o->bytes == 0 && block != NOBODY &&
                         o->block == block && slot >= o->addr;
        if (own || rest) {
            l->slot_by_owner = 1;
            l->slot = slot - o->addr;
            return;
        }
    }
    if (block != NOBODY) {
        l->slot_block = block;
        l->slot = slot - s->blocks[block].addr;
    }
}

static void slow_link(struct slow *s, const struct event *e)
{
    uint64_t who, start;
    const int by = slow_owner(s, e->a, &who, &start);
    const int target = slow_meant(s, e->b);
    const int owner = slow_owner_of(s, by, who);
    s->totals.unannounced += target == NOBODY || (by == 'b' && owner == NOBODY);
    if (target == NOBODY)
        return;
    if (by == 'b')
        s->blocks[who].strangers += owner == NOBODY;
    slow_gc_event(s, target);
    slow_gc_touch(s, target, e->stack);
    slow_gc_touch(s, owner, e->stack);
    int taken = slow_find(s, 'c', 0, 0, e->a, target);
    if (taken == NOBODY && owner != NOBODY)
        taken = slow_find(s, 'c', 0, 0, s->objects[owner].addr, target);
    if (taken != NOBODY)
        s->links[taken].alive = 0;
    struct slow_link l = {
        .alive = 1,
        .by = by,
        .who = who,
        .target = target,
        .field = e->text,
        .stack = e->stack,
        .stamp = e->stamp,
        .offset = e->a - start,
        .index = -1,
        .slot_block = NOBODY,
    };
    if (e->kind == OURO_REC_LINK_AT) {
        l.index = e->n;
        slow_place(s, &l, e->size);
    }
    s->links[s->n_links++] = l;
    slow_replace(s, &l);
    s->totals.links++;
}

/* The newest with this field that any part of the owner holds. */
static int slow_elsewhere(const struct slow *s, int owner, uint32_t field,
                          int target)
{
    for (int i = s->n_links - 1; i >= 0 && field && owner != NOBODY; i--) {
        const struct slow_link *l = &s->links[i];
        if (l->alive && l->target == target && l->field == field &&
            slow_owner_of(s, l->by, l->who) == owner)
            return i;
    }
    return NOBODY;
}

static void slow_unlink(struct slow *s, const struct event *e)
{
    uint64_t who = 0, start = 0;
    const int by =
        e->kind == OURO_REC_UNROOT ? 'n' : slow_owner(s, e->a, &who, &start);
    const int target = slow_meant(s, e->b);
    int i =
        slow_find(s, by, who, e->text, by == 'n' ? 0 : e->a - start, target);
    if (i == NOBODY)
        i = slow_elsewhere(s, slow_owner_of(s, by, who), e->text, target);
    const int owner = slow_owner_of(s, by, who);
    if (i == NOBODY && by != 'n' &&
        slow_give_up(s, by, who, owner, e->text, e->a - start, e->b)) {
        s->totals.unlinks++;
    } else if (target == NOBODY) {
        s->totals.unannounced++;
    } else if (i == NOBODY) {
        s->totals.unmatched_unlinks++;
    } else {
        s->links[i].alive = 0;
        slow_gc_event(s, target);
        s->totals.unlinks++;
    }
}

static void slow_unlink_all(struct slow *s, const struct event *e)
{
    uint64_t who, start;
    const int by = slow_owner(s, e->a, &who, &start);
    const int owner = slow_owner_of(s, by, who);
    slow_forget(s, owner, by, who);
    for (int i = 0; i < s->n_links; i++) {
        struct slow_link *l = &s->links[i];
        if (l->alive &&
            ((l->by == by && l->who == who) ||
             (owner != NOBODY && slow_owner_of(s, l->by, l->who) == owner))) {
            l->alive = 0;
            slow_gc_event(s, l->target);
            s->totals.unlinks++;
        }
    }
}

static void slow_root(struct slow *s, const struct event *e)
{
    const int target = slow_meant(s, e->b);
    if (target == NOBODY) {
        s->totals.unannounced++;
        return;
    }
    slow_gc_event(s, target);
    slow_gc_touch(s, target, e->stack);
    s->links[s->n_links++] = (struct slow_link){
        .alive = 1,
        .by = 'n',
        .target = target,
        .field = e->text,
        .stack = e->stack,
        .stamp = e->stamp,
        .index = -1,
        .slot_block = NOBODY,
    };
    s->totals.links++;
}

#endif
