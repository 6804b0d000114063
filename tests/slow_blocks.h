/* SPDX-License-Identifier: MIT */
/*
 * slow_blocks.h - blocks come and end, and with them what is in them
 */
#ifndef TESTS_SLOW_BLOCKS_H
#define TESTS_SLOW_BLOCKS_H

#include "slow_dangling.h"
#include "slow_generations.h"
#include "slow_places.h"

static void slow_end_object(struct slow *s, int i)
{
    struct slow_object *o = &s->objects[i];
    slow_gc_dies(s, i);
    slow_forget(s, i, 'o', (uint64_t)i);
    for (int k = s->n_links - 1; k >= 0; k--) {
        struct slow_link *l = &s->links[k];
        if (l->alive && slow_owner_of(s, l->by, l->who) == i) {
            l->alive = 0;
            slow_gc_event(s, l->target);
        }
        if (l->alive && l->target == i) {
            slow_dangle(s, k);
            l->alive = 0;
            s->totals.dangling_links += l->by != 'c';
        }
    }
    for (int k = 0; k < s->n_blocks; k++)
        if (s->blocks[k].owner == i)
            s->blocks[k].owner = NOBODY;
    const int away = o->alive == AWAY;
    o->alive = 0;
    s->totals.objects_live--;
    int alone = 1;
    for (int k = 0; k < s->n_objects; k++)
        if (s->objects[k].alive == 1 && s->objects[k].addr / 16 == o->addr / 16)
            alone = 0;
    if (alone && !away)
        slow_remember(s->dead, &s->n_dead, o->addr, 1, s->now);
}

static int slow_last_entered(const struct slow *s, int block)
{
    int last = NOBODY;
    for (int i = 0; i < s->n_objects; i++)
        if (s->objects[i].alive && s->objects[i].block == block &&
            (last == NOBODY ||
             s->objects[i].entered > s->objects[last].entered))
            last = i;
    return last;
}

static void slow_end_block(struct slow *s, int i, int freed)
{
    struct slow_block *b = &s->blocks[i];
    for (int k; (k = slow_last_entered(s, i)) != NOBODY;) {
        const struct slow_object *o = &s->objects[k];
        if (freed && o->rc > 0 && !(o->flags & OBJECT_IMMORTAL))
            s->misuses[MISUSE_FREED_OWNER]++;
        slow_end_object(s, k);
    }
    for (int k = s->n_blocks - 1; k >= 0; k--)
        if (s->blocks[k].alive && s->blocks[k].parent == i)
            slow_end_block(s, k, freed);
    for (int k = 0; k < s->n_links; k++)
        if (s->links[k].alive && s->links[k].by == 'b' &&
            s->links[k].who == (uint64_t)i) {
            s->links[k].alive = 0;
            slow_gc_event(s, s->links[k].target);
        }
    slow_forget(s, NOBODY, 'b', (uint64_t)i);
    if (!b->element) {
        s->totals.live_blocks--;
        s->totals.live_bytes -= b->size;
    }
    int alone = 1;
    for (int k = 0; k < s->n_blocks; k++)
        if (k != i && s->blocks[k].alive == 1 &&
            s->blocks[k].addr / 16 == b->addr / 16)
            alone = 0;
    if (b->alive == 1 && alone)
        slow_remember(s->freed, &s->n_freed, b->addr, !b->element, s->now);
    b->alive = 0;
}

static void slow_announce(struct slow *s, int block)
{
    s->totals.unannounced -= (uint64_t)s->blocks[block].strangers;
    s->blocks[block].strangers = 0;
}

static void slow_enters(struct slow *s, int i, int block)
{
    struct slow_object *o = &s->objects[i];
    o->block = block;
    o->entered = ++s->entered;
    if (block == NOBODY)
        return;
    if (o->stack == 0)
        o->stack = s->blocks[block].stack;
    for (int k = 0; k < s->n_links; k++)
        if (s->links[k].alive && s->links[k].by == 'o' &&
            s->links[k].who == (uint64_t)i)
            return;
    for (int k = 0; k < s->n_dangling; k++)
        if (s->dangling[k].link.alive && s->dangling[k].link.by == 'o' &&
            s->dangling[k].link.who == (uint64_t)i)
            return;
    if (o->addr != s->blocks[block].addr)
        return;
    for (int k = 0; k < s->n_links; k++) {
        struct slow_link *l = &s->links[k];
        if (l->alive && l->by == 'b' && l->who == (uint64_t)block) {
            l->by = 'o';
            l->who = (uint64_t)i;
        }
    }
    slow_take_over(s, block, i);
    slow_announce(s, block);
}

static int slow_add_block(struct slow *s, const struct event *e, uint64_t addr,
                          int element)
{
    const int i = s->n_blocks++;
    s->blocks[i] = (struct slow_block){
        .alive = 1,
        .addr = addr,
        .size = e->size,
        .stamp = e->stamp,
        .stack = e->stack,
        .element = element,
        .parent = NOBODY,
        .owner = NOBODY,
    };
    slow_remember(s->freed, &s->n_freed, addr, 0, 0);
    return i;
}

static void slow_live(struct slow *s, uint64_t add)
{
    s->totals.live_bytes += add;
    if (s->totals.live_bytes > s->totals.peak_bytes)
        s->totals.peak_bytes = s->totals.live_bytes;
}

static void slow_make_way(struct slow *s, uint64_t addr)
{
    const int old = slow_block_at(s, addr, 0);
    if (old == NOBODY)
        return;
    s->totals.order_conflicts++;
    if (addr % 16 == 0)
        slow_remember(s->doubted, &s->n_doubted, addr, 1, 0);
    slow_end_block(s, old, 0);
}

/* Strangers in the range of a block that was not there. */
static void slow_take_in(struct slow *s, int i)
{
    const struct slow_block *b = &s->blocks[i];
    for (int k = 0; k < s->n_blocks; k++) {
        const struct slow_block *x = &s->blocks[k];
        if (x->alive == 1 && x->element && x->parent == NOBODY &&
            x->addr >= b->addr && x->addr - b->addr < slow_len(b->size))
            slow_end_block(s, k, 0);
    }
    for (uint64_t at = slow_len(b->size); at-- > 0;) {
        const int k = slow_object_at(s, b->addr + at);
        if (k == NOBODY || s->objects[k].block != NOBODY)
            continue;
        if (s->now - s->objects[k].stamp <= s->patience)
            slow_enters(s, k, i);
        else
            slow_end_object(s, k);
    }
}

static void slow_alloc(struct slow *s, const struct event *e, int entry)
{
    slow_make_way(s, e->a);
    const int i = slow_add_block(s, e, e->a, 0);
    s->blocks[i].entry = entry;
    s->totals.allocations++;
    s->totals.allocated_bytes += e->size;
    s->totals.live_blocks++;
    slow_live(s, e->size);
    slow_take_in(s, i);
}

static void slow_unknown_free(struct slow *s, uint64_t addr)
{
    if (slow_noted(s->freed, s->n_freed, addr) &&
        !slow_noted(s->doubted, s->n_doubted, addr))
        s->misuses[MISUSE_DOUBLE_FREE]++;
    else
        s->totals.unknown_frees++;
}

static void slow_free(struct slow *s, const struct event *e)
{
    const int i = slow_block_at(s, e->a, 0);
    if (i == NOBODY) {
        slow_unknown_free(s, e->a);
        return;
    }
    s->totals.frees++;
    slow_end_block(s, i, 1);
}

#endif
