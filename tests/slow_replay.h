/* SPDX-License-Identifier: MIT */
/*
 * slow_replay.h - the rules of the events once more, by lists and long loops
 *
 * Shares no code with analyzer/shadow. Nothing waits; everything is found by
 * looking at all there is, newest last. For streams of a few hundred events.
 */
#ifndef TESTS_SLOW_REPLAY_H
#define TESTS_SLOW_REPLAY_H

#include "slow_links.h"
#include "slow_moves.h"
#include "slow_objects.h"
#include "slow_pools.h"

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

#endif
