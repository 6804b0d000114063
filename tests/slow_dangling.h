/* SPDX-License-Identifier: MIT */
/*
 * slow_dangling.h - references whose target died, once more, as one long list
 *
 * The part of slow_replay.h that is about them.
 */
#ifndef TESTS_SLOW_DANGLING_H
#define TESTS_SLOW_DANGLING_H

#include "slow_replay_types.h"

/* The target of link k dies. */
static void slow_dangle(struct slow *s, int k)
{
    const struct slow_link *l = &s->links[k];
    if (l->by != 'o' && l->by != 'b')
        return;
    const int owner = slow_owner_of(s, l->by, l->who);
    s->dangling[s->n_dangling++] = (struct slow_dangling){
        .link = *l,
        .addr = s->objects[l->target].addr,
        .rc = s->objects[l->target].rc,
        .death = s->now,
        .named_by = l->field != 0 ? owner : NOBODY,
    };
}

/* Whoever held it there gives it up; 0: nobody did. */
static int slow_give_up(struct slow *s, int by, uint64_t who, int owner,
                        uint32_t field, uint64_t offset, uint64_t addr)
{
    const int named = field != 0 && owner != NOBODY;
    for (int i = s->n_dangling - 1; i >= 0; i--) {
        struct slow_dangling *d = &s->dangling[i];
        const struct slow_link *l = &d->link;
        const int same = named ? d->named_by == owner
                               : d->named_by == NOBODY && l->by == by &&
                                     l->who == who && l->offset == offset;
        if (!l->alive || !same || l->field != field || d->addr != addr)
            continue;
        d->link.alive = 0;
        return 1;
    }
    return 0;
}

/* The field holds something else. */
static void slow_replace(struct slow *s, const struct slow_link *now)
{
    for (int i = 0; i < s->n_dangling; i++) {
        struct slow_link *l = &s->dangling[i].link;
        if (l->by == now->by && l->who == now->who && l->field == now->field &&
            l->offset == now->offset && l->index < 0 && now->index < 0)
            l->alive = 0;
    }
}

/* All that the object holds, or (by, who) does, is given up. */
static void slow_forget(struct slow *s, int owner, int by, uint64_t who)
{
    for (int i = 0; i < s->n_dangling; i++) {
        struct slow_link *l = &s->dangling[i].link;
        if ((l->by == by && l->who == who) ||
            (owner != NOBODY && slow_owner_of(s, l->by, l->who) == owner))
            l->alive = 0;
    }
}

/* An object began where the block was written in. */
static void slow_take_over(struct slow *s, int block, int object)
{
    for (int i = 0; i < s->n_dangling; i++) {
        struct slow_link *l = &s->dangling[i].link;
        if (l->by == 'b' && l->who == (uint64_t)block) {
            l->by = 'o';
            l->who = (uint64_t)object;
        }
    }
}

#endif
