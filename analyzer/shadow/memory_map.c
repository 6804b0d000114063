/* SPDX-License-Identifier: MIT */
#include "shadow/memory_map.h"

#include "collect/reach.h"

#include <stdlib.h>

static bool is_object(const struct caught *c, uint64_t addr)
{
    uint32_t low = 0;
    uint32_t high = c->n_objects;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->objects[middle] < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->n_objects && c->objects[low] == addr;
}

static uint32_t pages_at(const struct zones *z, uint64_t addr)
{
    const struct zone *zone = zone_at(&z->base, addr);
    return zone && zone->kind == ZONE_PAGES ? zone->who : OURO_NONE;
}

struct aim memory_aim(const struct memory *m, uint64_t addr)
{
    const struct memory_map *map = m->map;
    bool at_start;
    if (!aims_may(&map->aims, addr))
        return (struct aim){.node = OURO_NONE};
    const uint32_t block = block_index_find(&map->index, addr, &at_start);
    if (block != OURO_NONE) {
        at_start = at_start || is_object(map->caught, addr);
        const bool sure = at_start || layouts_have(&map->layouts, block, addr);
        return (struct aim){block, !sure, at_start};
    }
    const uint32_t pages = pages_at(&map->zones, addr);
    return (struct aim){.node = pages == OURO_NONE ? OURO_NONE
                                                   : m->n_blocks + pages};
}

uint32_t memory_block(const struct memory *m, uint64_t addr)
{
    return block_index_holding(&m->map->index, addr);
}

uint32_t memory_node(const struct memory *m, uint64_t addr)
{
    return memory_aim(m, addr).node;
}

static struct origin of_thread(const struct memory *m, const struct zone *zone,
                               uint64_t at)
{
    const struct memory_map *map = m->map;
    const uint64_t tp = map->snapshot->threads[zone->who].tp;
    struct origin o = {
        .place = zone->kind == ZONE_TLS || zone->kind == ZONE_HIDDEN
                     ? MEMORY_IN_TLS
                     : MEMORY_IN_STACK,
        .from = OURO_NONE,
        .thread = zone->who,
    };
    if (zone->kind == ZONE_STACK || zone->kind == ZONE_TLS)
        o.root = REACHED_SURELY;
    if (zone->kind == ZONE_STACK_LOW)
        o.root = REACHED_PERHAPS;
    o.is_dtv = o.root == REACHED_SURELY && tp != 0 && at == tp + map->dtv;
    return o;
}

static struct origin of_base(const struct memory *m, const struct zone *zone)
{
    struct origin o = {MEMORY_IN_FREE, OURO_NONE, OURO_NONE, 0, false, false};
    if (!zone) {
        o.root = m->map->zones.may_miss ? REACHED_PERHAPS : REACHED_NOT;
        return o;
    }
    if (zone->kind == ZONE_PAGES) {
        o.place = MEMORY_IN_PAGES;
        o.from = m->n_blocks + zone->who;
        return o;
    }
    o.place = MEMORY_IN_MODULE;
    o.root = zone->kind == ZONE_ALLOCATOR ? REACHED_NOT : REACHED_SURELY;
    o.starts_only = zone->kind == ZONE_RUNTIME;
    return o;
}

struct origin memory_origin(const struct memory *m, struct word_cursor *c,
                            uint64_t at)
{
    const struct memory_map *map = m->map;
    const struct zones *z = &map->zones;
    const uint32_t block = block_index_of_word(&map->index, &c->block, at);
    const struct zone *hidden = zone_next(&z->hidden, &c->hidden, at);
    if (hidden)
        return of_thread(m, hidden, at);
    const struct zone *thread = zone_next(&z->threads, &c->thread, at);
    if (thread && (block == OURO_NONE || block == thread->block))
        return of_thread(m, thread, at);
    if (block != OURO_NONE)
        return (struct origin){MEMORY_IN_BLOCK, block, OURO_NONE, 0,
                               false,           false};
    return of_base(m, zone_next(&z->base, &c->base, at));
}

struct sight memory_sight(const struct memory *m, struct word_cursor *c,
                          const struct snapshot_word *word)
{
    struct sight s = {.to = OURO_NONE};
    const struct aim aim = memory_aim(m, word->value);
    if (aim.node == OURO_NONE)
        return s;
    s.origin = memory_origin(m, c, word->at);
    if (aim.node == s.origin.from)
        return s;
    s.to = aim.node;
    s.unsure = aim.unsure && !s.origin.is_dtv;
    s.counts = s.origin.from != OURO_NONE || s.origin.root != REACHED_NOT;
    if (s.origin.starts_only && !aim.at_start)
        s.counts = false;
    if (s.origin.from == OURO_NONE && s.origin.root == REACHED_PERHAPS)
        s.unsure = true;
    return s;
}
