/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/rules.h"

void misuse_note(struct replay *r, enum misuse what, uint64_t addr,
                 uint32_t type, uint32_t birth_stack)
{
    r->all_misuses[what]++;
    if (r->n_misuses == MISUSES_KEPT)
        return;
    GROW(r->misuses, r->n_misuses, r->misuses_room);
    r->misuses[r->n_misuses++] = (struct misuse_event){
        .what = what,
        .stamp = r->now ? r->now->stamp : r->stamp,
        .addr = addr,
        .stack = r->now ? r->now->stack : 0,
        .type = type,
        .birth_stack = birth_stack,
    };
}

void misuse_of_object(struct replay *r, enum misuse what,
                      const struct live_object *k)
{
    const uint32_t n = r->n_misuses;
    misuse_note(r, what, k->place.addr, k->type, k->stack);
    if (r->n_misuses > n)
        r->misuses[n].label = k->label;
}

/* The object that died at addr, if that is certain: nothing has been handed out
   there since, and no thread can still be on its way. */
static const struct dead_object *surely_dead(const struct replay *r,
                                             const struct event *e)
{
    const struct dead_object *d = objects_dead_at(&r->objects, e->a);
    if (!d || !r->certain || (r->waits && e->stamp - d->stamp <= r->patience))
        return NULL;
    const uint32_t block = blocks_holding(&r->blocks, e->a);
    if (block != OURO_NONE && blocks_get(&r->blocks, block)->stamp > d->stamp)
        return NULL;
    return d;
}

static void note_release_of_dead(struct replay *r, const struct dead_object *d)
{
    const uint32_t n = r->n_misuses;
    misuse_note(r, MISUSE_RELEASE_OF_DEAD, d->addr, d->type, d->stack);
    if (r->n_misuses == n)
        return;
    r->misuses[n].label = d->label;
    r->misuses[n].death_stack = d->death_stack;
    r->misuses[n].death_stamp = d->stamp;
}

void misuse_unknown(struct replay *r, const struct event *e, bool gives_up)
{
    const struct dead_object *d = gives_up ? surely_dead(r, e) : NULL;
    if (d)
        note_release_of_dead(r, d);
    else
        oddity_unknown(r, e);
    r->needs_parent = true;
}

void misuse_unknown_free(struct replay *r, uint64_t addr)
{
    const uint32_t note = addrmap_note(&r->blocks.map, addr);
    if (note != 0 && r->certain && addr % 16 == 0 &&
        !table_get(&r->doubtful, addr))
        misuse_note(r, MISUSE_DOUBLE_FREE, addr, 0, note - 1);
    else if (r->forked)
        r->totals.inherited_frees++;
    else
        r->totals.unknown_frees++;
}

void misuse_doubt_frees(struct replay *r)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->n_misuses; i++)
        if (r->misuses[i].what != MISUSE_DOUBLE_FREE)
            r->misuses[kept++] = r->misuses[i];
    r->n_misuses = kept;
    r->totals.unknown_frees += r->all_misuses[MISUSE_DOUBLE_FREE];
    r->all_misuses[MISUSE_DOUBLE_FREE] = 0;
}
