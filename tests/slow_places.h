/* SPDX-License-Identifier: MIT */
/*
 * slow_places.h - what is at an address, and what was there last
 */
#ifndef TESTS_SLOW_PLACES_H
#define TESTS_SLOW_PLACES_H

#include "slow_replay_types.h"

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

#endif
