/* SPDX-License-Identifier: MIT */
/*
 * slow_replay_types.h - what slow_replay.h and slow_generations.h keep
 */
#ifndef TESTS_SLOW_REPLAY_TYPES_H
#define TESTS_SLOW_REPLAY_TYPES_H

#include "ouro_trace.h"
#include "shadow/shadow.h"

enum { SLOW_MAX = 512, NOBODY = -1, AWAY = 2 };

struct slow_block {
    int alive; /* 1, or AWAY */
    uint64_t addr, size, stamp, pool;
    uint32_t stack;
    int entry, element, ignored, parent, owner, strangers;
};

struct slow_object {
    int alive;
    uint64_t addr, bytes, birth, stamp;
    int64_t rc;
    uint32_t type, label, stack, flags;
    int block, counted, fell;
    uint8_t generation, was_in;
    uint64_t found_at;
    int short_once, short_long; /* of counts, for collections */
    uint64_t entered; /* its block: later than those with a smaller number */
};

/* by: 'o'bject, 'b'lock, 'a'ddress, 'n'ame, 'c'ookie; who: which */
struct slow_link {
    int alive, by, target, slot_block, slot_by_owner;
    uint64_t who, offset, slot, stamp;
    int64_t index;
    uint32_t field, stack;
};

/* A link whose target is dead; link.alive: not given up yet. */
struct slow_dangling {
    struct slow_link link;
    uint64_t addr, death;
    int64_t rc;
    int named_by; /* owner whose named field it was */
};

/* What was at these 16 bytes last. */
struct slow_note {
    uint64_t place;
    int known; /* something died at exactly this address */
    uint64_t stamp;
};

struct slow {
    struct slow_block blocks[SLOW_MAX];
    struct slow_object objects[SLOW_MAX];
    struct slow_link links[SLOW_MAX];
    struct slow_dangling dangling[SLOW_MAX];
    struct slow_note freed[SLOW_MAX], dead[SLOW_MAX], doubted[SLOW_MAX];
    uint64_t pools[SLOW_MAX];
    int n_blocks, n_objects, n_links, n_dangling, n_freed, n_dead, n_pools;
    int n_doubted;
    int in_realloc, away; /* one thread */
    uint32_t begin_stack;
    uint64_t patience, born, now, entered;
    struct shadow_totals totals;
    uint64_t misuses[N_MISUSES];
    struct gc gc; /* its lists are these: */
    struct collection log[SLOW_MAX];
    uint64_t revived_at[3]; /* by stack */
    uint64_t pending, total, n_lasting;
};

static int slow_owner_of(const struct slow *s, int by, uint64_t who)
{
    if (by == 'b')
        return s->blocks[who].owner;
    return by == 'o' ? (int)who : NOBODY;
}

#endif
