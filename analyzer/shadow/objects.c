/* SPDX-License-Identifier: MIT */
#include "shadow/objects.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { NEIGHBOURS = 32 };

void objects_init(struct objects *o)
{
    memset(o, 0, sizeof *o);
    slots_init(&o->slots, sizeof(struct live_object));
    addrmap_init(&o->map, &o->slots);
    o->loose_lowest = UINT64_MAX;
}

void objects_release(struct objects *o)
{
    addrmap_release(&o->map);
    slots_release(&o->slots);
    free(o->dead);
}

uint32_t objects_at(const struct objects *o, uint64_t addr)
{
    return addrmap_at(&o->map, addr);
}

uint32_t objects_around(const struct objects *o, uint64_t addr, uint32_t block)
{
    if (block == OURO_NONE && (addr < o->loose_lowest || addr >= o->loose_end))
        return OURO_NONE;
    uint64_t from = addr;
    for (int n = 0; n < NEIGHBOURS; n++) {
        const uint32_t i = addrmap_below(&o->map, from);
        if (i == OURO_NONE)
            return i;
        const struct live_object *k = objects_get(o, i);
        const uint64_t distance = addr - k->place.addr;
        if (k->block == block && distance < k->bytes)
            return i;
        if (k->place.addr == 0 ||
            (block == OURO_NONE && distance >= o->loose_longest))
            return OURO_NONE;
        from = k->place.addr - 1;
    }
    return OURO_NONE;
}

void objects_note_loose(struct objects *o, uint32_t i)
{
    const struct live_object *k = objects_get(o, i);
    const uint64_t len = k->bytes ? k->bytes : 1;
    const uint64_t addr = k->place.addr;
    const uint64_t end = addr > UINT64_MAX - len ? UINT64_MAX : addr + len;
    if (addr < o->loose_lowest)
        o->loose_lowest = addr;
    if (end > o->loose_end)
        o->loose_end = end;
    if (len > o->loose_longest)
        o->loose_longest = len;
}

static uint32_t remember(struct objects *o, const struct live_object *k,
                         uint64_t stamp, uint32_t stack)
{
    uint32_t i = o->next_dead;
    o->next_dead = (i + 1) % DEAD_KEPT;
    if (i == o->n_dead) {
        GROW(o->dead, o->n_dead, o->dead_room);
        o->n_dead++;
    }
    o->dead[i] = (struct dead_object){
        .addr = k->place.addr,
        .stamp = stamp,
        .type = k->type,
        .label = k->label,
        .stack = k->stack,
        .death_stack = stack ? stack : k->given_up,
    };
    return i;
}

void objects_bury(struct objects *o, uint32_t i, uint64_t stamp, uint32_t stack)
{
    const uint32_t note = remember(o, objects_get(o, i), stamp, stack) + 1;
    addrmap_remove(&o->map, i, note);
    slots_give(&o->slots, i);
}

const struct dead_object *objects_dead_at(const struct objects *o,
                                          uint64_t addr)
{
    const uint32_t note = addrmap_note(&o->map, addr);
    if (note == 0 || note > o->n_dead || o->dead[note - 1].addr != addr)
        return NULL;
    return &o->dead[note - 1];
}
