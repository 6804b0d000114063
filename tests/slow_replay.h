/* SPDX-License-Identifier: MIT */
/*
 * slow_replay.h - the rules of the events once more, by lists and long loops
 *
 * Shares no code with analyzer/shadow. Nothing waits; everything is found by
 * looking at all there is, newest last. For streams of a few hundred events.
 */
#ifndef TESTS_SLOW_REPLAY_H
#define TESTS_SLOW_REPLAY_H

#include "slow_dangling.h"
#include "slow_generations.h"

#include <stdlib.h>
#include <string.h>

static uint64_t slow_len(uint64_t size)
{
    return size ? size : 1;
}

static void slow_remember(struct slow_note *notes, int *n, uint64_t addr,
                          int known, uint64_t stamp)
{
    int i = 0;
    while (i < *n && notes[i].place != addr / 16)
        i++;
    if (i == *n)
        ++*n;
    notes[i] = (struct slow_note){addr / 16, known && addr % 16 == 0, stamp};
}

static const struct slow_note *slow_noted(const struct slow_note *notes, int n,
                                          uint64_t addr)
{
    for (int i = 0; i < n; i++)
        if (16 * notes[i].place == addr && notes[i].known)
            return &notes[i];
    return NULL;
}

static int slow_block_at(const struct slow *s, uint64_t addr, int element)
{
    for (int i = s->n_blocks - 1; i >= 0; i--)
        if (s->blocks[i].alive == 1 && s->blocks[i].addr == addr &&
            s->blocks[i].element == element)
            return i;
    return NOBODY;
}

static int slow_depth(const struct slow *s, int i)
{
    int depth = 0;
    while (s->blocks[i].parent != NOBODY) {
        i = s->blocks[i].parent;
        depth++;
    }
    return depth;
}

static int slow_holding(const struct slow *s, uint64_t addr)
{
    int best = NOBODY;
    for (int i = 0; i < s->n_blocks; i++) {
        const struct slow_block *b = &s->blocks[i];
        if (b->alive != 1 || addr < b->addr ||
            addr - b->addr >= slow_len(b->size))
            continue;
        if (best == NOBODY || slow_depth(s, i) >= slow_depth(s, best))
            best = i;
    }
    return best;
}

static int slow_object_at(const struct slow *s, uint64_t addr)
{
    for (int i = 0; i < s->n_objects; i++)
        if (s->objects[i].alive == 1 && s->objects[i].addr == addr)
            return i;
    return NOBODY;
}

static int slow_only(const struct slow *s, int block)
{
    int found = NOBODY;
    for (int i = 0; i < s->n_objects; i++) {
        if (!s->objects[i].alive || s->objects[i].block != block)
            continue;
        if (found != NOBODY)
            return NOBODY;
        found = i;
    }
    return found;
}

static int slow_around(const struct slow *s, uint64_t addr, int block)
{
    int best = NOBODY;
    for (int i = 0; i < s->n_objects; i++) {
        const struct slow_object *o = &s->objects[i];
        if (o->alive == 1 && o->block == block && addr >= o->addr &&
            addr - o->addr < o->bytes &&
            (best == NOBODY || o->addr > s->objects[best].addr))
            best = i;
    }
    return best;
}

static int slow_meant(const struct slow *s, uint64_t addr)
{
    const int i = slow_object_at(s, addr);
    if (i != NOBODY)
        return i;
    const int block = slow_holding(s, addr);
    return block == NOBODY ? slow_around(s, addr, NOBODY) : slow_only(s, block);
}

static int slow_owner(const struct slow *s, uint64_t addr, uint64_t *who,
                      uint64_t *start)
{
    const int block = slow_holding(s, addr);
    int i = slow_object_at(s, addr);
    if (i == NOBODY && block == NOBODY)
        i = slow_around(s, addr, NOBODY);
    if (i == NOBODY && block != NOBODY) {
        i = slow_only(s, block);
        if (i == NOBODY)
            i = slow_around(s, addr, block);
        const int first = slow_object_at(s, s->blocks[block].addr);
        if (i == NOBODY && first != NOBODY &&
            s->objects[first].block == block && s->objects[first].bytes == 0)
            i = first;
    }
    if (i != NOBODY) {
        *who = (uint64_t)i;
        *start = s->objects[i].addr;
        return 'o';
    }
    if (block == NOBODY) {
        *who = addr;
        *start = 0;
        return 'a';
    }
    *start = s->blocks[block].addr;
    *who = (uint64_t)block;
    return 'b';
}

/* The object for which an object or a block holds references. */
static void slow_end_object(struct slow *s, int i)
{
    struct slow_object *o = &s->objects[i];
    slow_gc_dies(s, i);
    slow_forget(s, i, 'o', (uint64_t)i);
    for (int k = s->n_links - 1; k >= 0; k--) {
        struct slow_link *l = &s->links[k];
        if (slow_owner_of(s, l->by, l->who) == i)
            l->alive = 0;
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
        if (s->links[k].by == 'b' && s->links[k].who == (uint64_t)i)
            s->links[k].alive = 0;
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
    if (slow_noted(s->freed, s->n_freed, addr))
        s->misuses[MISUSE_DOUBLE_FREE]++;
    else
        s->totals.unknown_frees++;
}

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

static void slow_unknown(struct slow *s, const struct event *e, int gives_up)
{
    const struct slow_note *d = slow_noted(s->dead, s->n_dead, e->a);
    const int block = slow_holding(s, e->a);
    if (gives_up && d &&
        (block == NOBODY || s->blocks[block].stamp <= d->stamp))
        s->misuses[MISUSE_RELEASE_OF_DEAD]++;
    else
        s->totals.unannounced++;
}

static void slow_new(struct slow *s, const struct event *e)
{
    const int old = slow_object_at(s, e->a);
    if (old != NOBODY) {
        s->totals.renewed++;
        slow_end_object(s, old);
    }
    const int plain = e->kind == OURO_REC_NEW;
    const uint32_t leaf = plain ? 0 : e->flags & OURO_NEW_IS_LEAF;
    if (!leaf)
        slow_gc_count(s);
    const int i = s->n_objects++;
    s->objects[i] = (struct slow_object){
        .alive = 1,
        .addr = e->a,
        .bytes = plain ? 0 : e->size,
        .birth = s->born++,
        .stamp = e->stamp,
        .rc = plain ? 1 : e->n,
        .type = e->text,
        .stack = e->stack,
        .flags = leaf,
        .counted = plain || e->n > 0,
    };
    slow_gc_enter(&s->objects[i]);
    s->totals.objects_created++;
    s->totals.objects_live++;
    slow_remember(s->dead, &s->n_dead, e->a, 0, 0);
    slow_enters(s, i, slow_holding(s, e->a));
}

static void slow_move(struct slow *s, const struct event *e, int i)
{
    if (s->objects[i].addr == e->b)
        return;
    const int old = slow_object_at(s, e->b);
    if (old != NOBODY) {
        s->totals.renewed++;
        slow_end_object(s, old);
    }
    struct slow_object *o = &s->objects[i];
    o->alive = 0;
    int alone = 1;
    for (int k = 0; k < s->n_objects; k++)
        if (s->objects[k].alive == 1 && s->objects[k].addr / 16 == o->addr / 16)
            alone = 0;
    if (alone)
        slow_remember(s->dead, &s->n_dead, o->addr, 0, 0);
    o->alive = 1;
    o->addr = e->b;
    slow_remember(s->dead, &s->n_dead, e->b, 0, 0);
    slow_enters(s, i, slow_holding(s, e->b));
}

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

static void slow_count(struct slow *s, const struct event *e, int64_t n)
{
    const int i = slow_meant(s, e->a);
    if (i == NOBODY) {
        slow_unknown(s, e, n < 0);
        return;
    }
    struct slow_object *o = &s->objects[i];
    o->rc += n;
    if (n > 0)
        slow_gc_touch(s, i, e->stack);
    o->counted |= o->rc > 0;
    if (n >= 0)
        s->totals.increfs += (uint64_t)n;
    else
        s->totals.decrefs += (uint64_t)-n;
    if (n < 0 && o->rc < 0 && !o->fell) {
        o->fell = 1;
        s->misuses[MISUSE_NEGATIVE]++;
    }
    if (e->kind == OURO_REC_ACQUIRE)
        s->links[s->n_links++] = (struct slow_link){
            .alive = 1, .by = 'c', .target = i, .offset = e->size};
    const int paired = slow_find(s, 'c', 0, 0, e->size, i);
    if (e->kind == OURO_REC_RELEASE && paired != NOBODY)
        s->links[paired].alive = 0;
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

static void slow_own(struct slow *s, const struct event *e)
{
    const int i = slow_meant(s, e->a);
    const int block = slow_holding(s, e->b);
    if (i == NOBODY || block == NOBODY) {
        s->totals.unannounced++;
        return;
    }
    slow_announce(s, block);
    s->blocks[block].owner = i;
}

static void slow_ignore(struct slow *s, const struct event *e)
{
    const int i = slow_meant(s, e->a);
    const int block = slow_holding(s, e->a);
    s->totals.unannounced += i == NOBODY && block == NOBODY;
    if (i != NOBODY)
        s->objects[i].flags |= OBJECT_IGNORED;
    if (block != NOBODY)
        s->blocks[block].ignored = 1;
}

static void slow_about(struct slow *s, const struct event *e)
{
    const int i = slow_meant(s, e->a);
    if (i == NOBODY) {
        slow_unknown(s, e, e->kind == OURO_REC_DEAD);
        return;
    }
    struct slow_object *o = &s->objects[i];
    if (e->kind == OURO_REC_DEAD)
        slow_end_object(s, i);
    if (e->kind == OURO_REC_MOVE)
        slow_move(s, e, i);
    if (e->kind == OURO_REC_TYPE)
        o->type = e->text;
    if (e->kind == OURO_REC_LABEL)
        o->label = e->text;
    if (e->kind == OURO_REC_TRACK || e->kind == OURO_REC_UNTRACK)
        slow_gc_track(s, i, e->kind == OURO_REC_TRACK);
    if (e->kind == OURO_REC_IMMORTAL)
        o->flags |= OBJECT_IMMORTAL;
    if (e->kind == OURO_REC_FINALIZER)
        o->flags |= OBJECT_FINALIZER;
    if (e->kind == OURO_REC_COUNT)
        s->totals.count_mismatches += o->rc != e->n;
}

static int slow_element(const struct slow *s, uint64_t pool, uint64_t addr)
{
    for (int i = s->n_blocks - 1; i >= 0; i--)
        if (s->blocks[i].alive == 1 && s->blocks[i].element &&
            s->blocks[i].pool == pool && s->blocks[i].addr == addr)
            return i;
    return NOBODY;
}

static void slow_pool_alloc(struct slow *s, const struct event *e)
{
    const int old = slow_element(s, e->a, e->b);
    if (old != NOBODY && old == slow_holding(s, e->b)) {
        s->totals.order_conflicts++;
        slow_end_block(s, old, 0);
    }
    const int parent = slow_holding(s, e->b);
    if (parent != NOBODY && slow_depth(s, parent) >= 16) {
        s->totals.unannounced++;
        return;
    }
    const int i = slow_add_block(s, e, e->b, 1);
    s->blocks[i].pool = e->a;
    s->blocks[i].parent = parent;
    const int object = slow_object_at(s, e->b);
    if (object == NOBODY)
        return;
    if (s->now - s->objects[object].stamp <= s->patience)
        slow_enters(s, object, i);
    else
        slow_end_object(s, object);
}

static void slow_pool(struct slow *s, const struct event *e)
{
    int pool = 0;
    while (pool < s->n_pools && s->pools[pool] != e->a)
        pool++;
    if (e->kind == OURO_REC_POOL_CREATE) {
        if (pool == s->n_pools)
            s->pools[s->n_pools++] = e->a;
        return;
    }
    if (pool == s->n_pools) {
        s->totals.unannounced++;
    } else if (e->kind == OURO_REC_POOL_ALLOC) {
        slow_pool_alloc(s, e);
    } else if (e->kind == OURO_REC_POOL_FREE) {
        const int i = slow_element(s, e->a, e->b);
        if (i == NOBODY)
            s->totals.unannounced++;
        else
            slow_end_block(s, i, 1);
    } else {
        for (int i = s->n_blocks - 1; i >= 0; i--)
            if (s->blocks[i].alive && s->blocks[i].element &&
                s->blocks[i].pool == e->a)
                slow_end_block(s, i, 1);
        if (e->kind == OURO_REC_POOL_DESTROY)
            s->pools[pool] = s->pools[--s->n_pools];
    }
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

static void slow_apply(struct slow *s, const struct event *e)
{
    s->now = e->stamp;
    if (e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS)
        slow_alloc(s, e, e->kind - OURO_ALLOC);
    else if (e->kind == OURO_FREE)
        slow_free(s, e);
    else if (e->kind >= OURO_REALLOC_BEGIN && e->kind <= OURO_REALLOC_FREED)
        slow_realloc(s, e);
    else if (e->kind == OURO_REC_NEW || e->kind == OURO_REC_NEW_AT)
        slow_new(s, e);
    else if (e->kind == OURO_REC_INCREF || e->kind == OURO_REC_ACQUIRE)
        slow_count(s, e, 1);
    else if (e->kind == OURO_REC_DECREF || e->kind == OURO_REC_RELEASE)
        slow_count(s, e, -1);
    else if (e->kind == OURO_REC_ADD)
        slow_count(s, e, e->n);
    else if (e->kind == OURO_REC_LINK || e->kind == OURO_REC_LINK_AT)
        slow_link(s, e);
    else if (e->kind == OURO_REC_UNLINK || e->kind == OURO_REC_UNROOT)
        slow_unlink(s, e);
    else if (e->kind == OURO_REC_UNLINK_ALL)
        slow_unlink_all(s, e);
    else if (e->kind == OURO_REC_ROOT)
        slow_root(s, e);
    else if (e->kind == OURO_REC_OWN)
        slow_own(s, e);
    else if (e->kind == OURO_REC_IGNORE)
        slow_ignore(s, e);
    else if (e->kind >= OURO_REC_COLLECT && e->kind <= OURO_REC_GC_UNFREEZE)
        slow_gc(s, e);
    else if (e->kind >= OURO_REC_POOL_CREATE)
        slow_pool(s, e);
    else
        slow_about(s, e);
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
