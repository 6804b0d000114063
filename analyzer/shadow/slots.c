/* SPDX-License-Identifier: MIT */
#include "shadow/slots.h"

#include "arena.h"
#include "large.h"

#include <stdlib.h>
#include <string.h>

void slots_init(struct slots *s, size_t size)
{
    *s = (struct slots){.size = size};
}

void slots_release(struct slots *s)
{
    large_free(s->at, (size_t)s->room * s->size);
    large_free(s->free, (size_t)s->free_room * sizeof *s->free);
    slots_init(s, s->size);
}

static void grow(struct slots *s)
{
    /* the last numbers mean OURO_NONE and SLOT_LIVE */
    if (s->room >= UINT32_MAX / 2)
        out_of_memory();
    const uint32_t room = s->room ? s->room * 2 : 64;
    s->at = large_grow(s->at, (size_t)s->room * s->size, room, s->size);
    s->room = room;
}

uint32_t slots_new(struct slots *s)
{
    if (s->n == s->room)
        grow(s);
    return s->n++;
}

uint32_t slots_take(struct slots *s)
{
    const uint32_t i = slots_take_as_it_is(s);
    memset(slots_at(s, i), 0, s->size);
    *(uint32_t *)slots_at(s, i) = SLOT_LIVE;
    return i;
}

void slots_make_room(struct slots *s)
{
    const uint32_t room = s->free_room ? s->free_room * 2 : 16;
    s->free = large_grow(s->free, (size_t)s->free_room * sizeof *s->free, room,
                         sizeof *s->free);
    s->free_room = room;
}

static struct chain *chain_of(const struct slots *s, uint32_t i, size_t offset)
{
    return (struct chain *)((char *)slots_at(s, i) + offset);
}

void slots_chain(const struct slots *s, uint32_t *first, uint32_t i,
                 size_t offset)
{
    *chain_of(s, i, offset) = (struct chain){.next = *first, .prev = OURO_NONE};
    if (*first != OURO_NONE)
        chain_of(s, *first, offset)->prev = i;
    *first = i;
}

void slots_unchain(const struct slots *s, uint32_t *first, uint32_t i,
                   size_t offset)
{
    const struct chain c = *chain_of(s, i, offset);
    if (c.prev == OURO_NONE)
        *first = c.next;
    else
        chain_of(s, c.prev, offset)->next = c.next;
    if (c.next != OURO_NONE)
        chain_of(s, c.next, offset)->prev = c.prev;
}
