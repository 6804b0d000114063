/* SPDX-License-Identifier: MIT */
/*
 * slots.h - records with dense numbers, reused when they are given back
 *
 * So memory follows what is alive. A record begins with `uint32_t state`, which
 * belongs to this module: SLOT_LIVE, or anything else. What was given back last
 * is taken first, and comes from memory while others are taken. Taking one may
 * move all of them: keep numbers, not pointers.
 *
 * A chain is a list of records that each hold a struct chain at the same
 * offset: the newest first, any of them removed at once. A record is in as many
 * chains as it has such members.
 */
#ifndef ANALYZER_SHADOW_SLOTS_H
#define ANALYZER_SHADOW_SLOTS_H

#include "shadow/shadow.h"

#include <stddef.h>

#define SLOT_LIVE (UINT32_MAX - 1)

struct slots {
    void *at;
    size_t size; /* of one record */
    uint32_t n, room;
    uint32_t n_live;
    uint32_t *free; /* those given back, the last one at the end */
    uint32_t n_free, free_room;
};

struct chain {
    uint32_t next, prev;
};

void slots_init(struct slots *s, size_t size);
void slots_release(struct slots *s);

static inline void *slots_at(const struct slots *s, uint32_t i)
{
    return (char *)s->at + (size_t)i * s->size;
}

/* It will be looked at soon. */
static inline void slots_expect(const struct slots *s, uint32_t i)
{
    const char *at = (const char *)s->at + (size_t)i * s->size;
    __builtin_prefetch(at, 1);
    __builtin_prefetch(at + s->size - 1, 1);
}

/* For those below: one that never was taken; room to give one back. */
uint32_t slots_new(struct slots *s);
void slots_make_room(struct slots *s);

/* A record, all zero but for its state; the same one, its state and all else to
   be filled by who takes it. */
uint32_t slots_take(struct slots *s);
static inline uint32_t slots_take_as_it_is(struct slots *s)
{
    enum { AHEAD = 8 };
    s->n_live++;
    if (s->n_free == 0)
        return slots_new(s);
    if (s->n_free > AHEAD)
        slots_expect(s, s->free[s->n_free - 1 - AHEAD]);
    return s->free[--s->n_free];
}

static inline void slots_give(struct slots *s, uint32_t i)
{
    *(uint32_t *)slots_at(s, i) = 0;
    if (s->n_free == s->free_room)
        slots_make_room(s);
    s->free[s->n_free++] = i;
    s->n_live--;
}

static inline bool slots_is_live(const struct slots *s, uint32_t i)
{
    return *(const uint32_t *)slots_at(s, i) == SLOT_LIVE;
}

/* The chain that begins with *first, of records with a struct chain at
   `offset`: record i comes to its front; is taken out of it. */
void slots_chain(const struct slots *s, uint32_t *first, uint32_t i,
                 size_t offset);
void slots_unchain(const struct slots *s, uint32_t *first, uint32_t i,
                   size_t offset);

#endif
