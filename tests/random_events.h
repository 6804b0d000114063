/* SPDX-License-Identifier: MIT */
/*
 * random_events.h - streams of events about eight blocks and what lives in them
 */
#ifndef TESTS_RANDOM_EVENTS_H
#define TESTS_RANDOM_EVENTS_H

#include "ouro_trace.h"
#include "shadow/gc.h"
#include "trace/event.h"

static uint64_t dice_state; /* the seed, at first */

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % sides;
}

/* In a calm stream things live long enough to hold each other. */
static bool calm;

/* Eight blocks of at most 96 bytes, and addresses in no block. */
static uint64_t some_address(void)
{
    static const uint64_t offsets[] = {0, 0, 0, 0, 16, 32, 8, 40, 17};
    if (calm && dice(8) > 0)
        return 0x1000 + 0x100 * (uint64_t)dice(4);
    if (dice(8) == 0)
        return 0x100 + 8 * (uint64_t)dice(6);
    return 0x1000 + 0x100 * (uint64_t)dice(8) +
           offsets[dice(sizeof offsets / sizeof offsets[0])];
}

static uint64_t some_block(void)
{
    return 0x1000 + 0x100 * (uint64_t)dice(8);
}

static const uint8_t usual[] = {
    OURO_ALLOC,
    OURO_ALLOC + 3,
    OURO_ALLOC,
    OURO_FREE,
    OURO_FREE,
    OURO_REALLOC_BEGIN,
    OURO_REALLOC_END,
    OURO_REALLOC_END,
    OURO_REALLOC_END_ARRAY,
    OURO_REALLOC_FAILED,
    OURO_REALLOC_FREED,
    OURO_REC_NEW,
    OURO_REC_NEW,
    OURO_REC_NEW,
    OURO_REC_NEW_AT,
    OURO_REC_NEW_AT,
    OURO_REC_TYPE,
    OURO_REC_DEAD,
    OURO_REC_INCREF,
    OURO_REC_DECREF,
    OURO_REC_ADD,
    OURO_REC_ACQUIRE,
    OURO_REC_ACQUIRE,
    OURO_REC_RELEASE,
    OURO_REC_COUNT,
    OURO_REC_LINK,
    OURO_REC_LINK,
    OURO_REC_LINK,
    OURO_REC_LINK_AT,
    OURO_REC_LINK_AT,
    OURO_REC_UNLINK,
    OURO_REC_UNLINK,
    OURO_REC_UNLINK,
    OURO_REC_UNLINK_ALL,
    OURO_REC_OWN,
    OURO_REC_OWN,
    OURO_REC_ROOT,
    OURO_REC_UNROOT,
    OURO_REC_MOVE,
    OURO_REC_LABEL,
    OURO_REC_TRACK,
    OURO_REC_UNTRACK,
    OURO_REC_IMMORTAL,
    OURO_REC_FINALIZER,
    OURO_REC_IGNORE,
    OURO_REC_COLLECT,
    OURO_REC_COLLECT,
    OURO_REC_THRESHOLD,
    OURO_REC_GC_ENABLE,
    OURO_REC_GC_DISABLE,
    OURO_REC_GC_FREEZE,
    OURO_REC_GC_UNFREEZE,
    OURO_REC_GC_UNFREEZE,
    OURO_REC_POOL_CREATE,
    OURO_REC_POOL_CREATE,
    OURO_REC_POOL_ALLOC,
    OURO_REC_POOL_ALLOC,
    OURO_REC_POOL_ALLOC,
    OURO_REC_POOL_FREE,
    OURO_REC_POOL_RESET,
    OURO_REC_POOL_DESTROY,
};

static const uint8_t quiet[] = {
    OURO_ALLOC,      OURO_REC_NEW,     OURO_REC_NEW,        OURO_REC_DEAD,
    OURO_REC_INCREF, OURO_REC_DECREF,  OURO_REC_LINK,       OURO_REC_LINK,
    OURO_REC_LINK,   OURO_REC_LINK,    OURO_REC_LINK_AT,    OURO_REC_UNLINK,
    OURO_REC_UNLINK, OURO_REC_UNLINK,  OURO_REC_ROOT,       OURO_REC_UNROOT,
    OURO_REC_OWN,    OURO_REC_COLLECT, OURO_REC_UNLINK_ALL, OURO_REC_FINALIZER};

static struct event some_pool_event(struct event e)
{
    e.a = 0x500 + dice(2);
    e.b = some_block() + 16 * (uint64_t)dice(4);
    e.size = 1 + dice(16);
    return e;
}

__attribute__((unused)) static struct event some_event(void)
{
    struct event e = {
        .kind = calm && dice(16) > 0 ? quiet[dice(sizeof quiet)]
                                     : usual[dice(sizeof usual)],
        .stack = dice(3),
        .text = dice(3),
        .flags = (uint8_t)dice(2),
        .a = some_address(),
        .b = some_address(),
        .size = dice(4) ? some_address() : 0,
        .n = (int64_t)dice(5) - 2,
    };
    for (int g = 0; g < GC_GENERATIONS; g++)
        e.threshold[g] = dice(4);
    if (e.kind >= OURO_REC_POOL_CREATE)
        return some_pool_event(e);
    if (e.kind == OURO_REC_NEW_AT)
        e.size = 8 * (uint64_t)dice(4);
    if (e.kind == OURO_REALLOC_END || e.kind == OURO_REALLOC_END_ARRAY ||
        (e.kind >= OURO_ALLOC && e.kind < OURO_PROCESS)) {
        e.a = some_block();
        e.size = dice(96);
    }
    if (e.kind == OURO_FREE || e.kind == OURO_REALLOC_BEGIN)
        e.a = dice(16) ? some_block() : some_address();
    return e;
}

#endif
