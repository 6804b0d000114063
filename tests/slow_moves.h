/* SPDX-License-Identifier: MIT */
/*
 * slow_moves.h - blocks that a realloc takes away and puts down
 */
#ifndef TESTS_SLOW_MOVES_H
#define TESTS_SLOW_MOVES_H

#include "slow_blocks.h"

/* The block and what is in it move by this much, or just leave (come: 0). */
static void slow_shift(struct slow *s, int i, uint64_t by, int come)
{
    struct slow_block *b = &s->blocks[i];
    b->alive = come ? 1 : AWAY;
    b->addr += by;
    if (come)
        slow_remember(s->freed, &s->n_freed, b->addr, 0, 0);
    for (int k = 0; k < s->n_objects; k++) {
        struct slow_object *o = &s->objects[k];
        if (!o->alive || o->block != i)
            continue;
        if (!come) {
            o->alive = AWAY;
            continue;
        }
        o->addr += by;
        if (o->addr - b->addr >= slow_len(b->size)) {
            slow_end_object(s, k);
            continue;
        }
        const int there = slow_object_at(s, o->addr);
        if (there != NOBODY)
            slow_end_object(s, there);
        o->alive = 1;
        slow_remember(s->dead, &s->n_dead, o->addr, 0, 0);
    }
    for (int k = 0; k < s->n_blocks; k++)
        if (s->blocks[k].alive && s->blocks[k].parent == i)
            slow_shift(s, k, by, come);
}

static void slow_leave(struct slow *s, int i)
{
    slow_shift(s, i, 0, 0);
}

/* Nobody's elements lie where those of i will come to lie. */
static void slow_clear(struct slow *s, int i, uint64_t by)
{
    for (int k = 0; k < s->n_blocks; k++) {
        if (!s->blocks[k].alive || s->blocks[k].parent != i)
            continue;
        for (int there;
             (there = slow_block_at(s, s->blocks[k].addr + by, 1)) != NOBODY;)
            slow_end_block(s, there, 0);
        slow_clear(s, k, by);
    }
}

static void slow_come(struct slow *s, int i, uint64_t by)
{
    slow_clear(s, i, by);
    slow_shift(s, i, by, 1);
    slow_take_in(s, i);
}

static void slow_back(struct slow *s)
{
    s->in_realloc = 0;
    if (s->away == NOBODY)
        return;
    slow_make_way(s, s->blocks[s->away].addr);
    slow_come(s, s->away, 0);
    s->away = NOBODY;
}

static void slow_realloc_end(struct slow *s, const struct event *e)
{
    const int entry = e->kind == OURO_REALLOC_END ? OURO_ENTRY_REALLOC
                                                  : OURO_ENTRY_REALLOCARRAY;
    const int i = s->away;
    s->in_realloc = 0;
    s->away = NOBODY;
    if (i == NOBODY) {
        slow_alloc(s, e, entry);
        return;
    }
    slow_make_way(s, e->a);
    struct slow_block *b = &s->blocks[i];
    s->totals.frees++;
    s->totals.allocations++;
    s->totals.allocated_bytes += e->size;
    s->totals.live_bytes -= b->size;
    slow_live(s, e->size);
    b->size = e->size;
    b->entry = entry;
    if (e->stack || s->begin_stack)
        b->stack = e->stack ? e->stack : s->begin_stack;
    slow_come(s, i, e->a - b->addr);
}

static void slow_realloc(struct slow *s, const struct event *e)
{
    if (e->kind == OURO_REALLOC_BEGIN) {
        if (s->in_realloc)
            slow_back(s);
        const int i = slow_block_at(s, e->a, 0);
        s->in_realloc = 1;
        s->begin_stack = e->stack;
        s->away = i;
        if (i == NOBODY)
            slow_unknown_free(s, e->a);
        else
            slow_leave(s, i);
    } else if (e->kind == OURO_REALLOC_FAILED) {
        slow_back(s);
    } else if (e->kind == OURO_REALLOC_FREED) {
        if (s->away != NOBODY) {
            s->totals.frees++;
            slow_end_block(s, s->away, 1);
        }
        s->away = NOBODY;
        s->in_realloc = 0;
    } else {
        slow_realloc_end(s, e);
    }
}

static void slow_finish(struct slow *s)
{
    if (s->away == NOBODY)
        return;
    if (slow_block_at(s, s->blocks[s->away].addr, 0) == NOBODY)
        slow_back(s);
    else
        slow_end_block(s, s->away, 0);
}

#endif
