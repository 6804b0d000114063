/* SPDX-License-Identifier: MIT */
#include "explain/holdings.h"

#include "arena.h"

#include <stdlib.h>
#include <xxhash.h>

void holdings_init(struct holdings *h)
{
    *h = (struct holdings){.seed = hash_seed()};
}

void holdings_release(struct holdings *h)
{
    free(h->at);
    table_release(&h->of_cookie);
    *h = (struct holdings){0};
}

static uint64_t key_of(const struct holdings *h, uint32_t account,
                       uint64_t cookie)
{
    const uint64_t said[] = {account, cookie};
    return XXH64(said, sizeof said, h->seed);
}

static uint32_t take_spare(struct holdings *h)
{
    if (h->spare > 0) {
        const uint32_t i = h->spare - 1;
        h->spare = h->at[i].next;
        return i;
    }
    GROW(h->at, h->n, h->room);
    return h->n++;
}

void holdings_take(struct holdings *h, const struct holding *k)
{
    const uint64_t key = key_of(h, k->account, k->cookie);
    const uint32_t i = take_spare(h);
    h->at[i] = *k;
    h->at[i].held = true;
    h->at[i].next = (uint32_t)table_get(&h->of_cookie, key);
    table_set(&h->of_cookie, key, i + 1);
}

bool holdings_give(struct holdings *h, uint32_t account, uint64_t cookie)
{
    const uint64_t key = key_of(h, account, cookie);
    const uint32_t i = (uint32_t)table_get(&h->of_cookie, key);
    if (i == 0 || h->at[i - 1].account != account ||
        h->at[i - 1].cookie != cookie)
        return false;
    struct holding *k = &h->at[i - 1];
    if (k->next > 0)
        table_set(&h->of_cookie, key, k->next);
    else
        table_remove(&h->of_cookie, key);
    k->held = false;
    k->next = h->spare;
    h->spare = i;
    return true;
}

static struct cookie_holder object_holder(const struct replay *r,
                                          uint32_t object)
{
    return (struct cookie_holder){IN_OBJECT, object,
                                  objects_get(&r->objects, object)->birth};
}

struct cookie_holder cookie_holder_of(const struct replay *r, uint64_t cookie)
{
    uint32_t object = objects_at(&r->objects, cookie);
    const uint32_t block = blocks_holding(&r->blocks, cookie);
    if (object == OURO_NONE && block == OURO_NONE)
        object = objects_around(&r->objects, cookie, OURO_NONE);
    if (object != OURO_NONE)
        return object_holder(r, object);
    if (block != OURO_NONE)
        return (struct cookie_holder){IN_BLOCK, block,
                                      blocks_get(&r->blocks, block)->stamp};
    return (struct cookie_holder){NOWHERE, 0, 0};
}

bool cookie_holder_is_dead(const struct replay *r,
                           const struct cookie_holder *h)
{
    if (h->where == IN_OBJECT)
        return !slots_is_live(&r->objects.slots, h->who) ||
               objects_get(&r->objects, h->who)->birth != h->since;
    if (h->where == IN_BLOCK)
        return !slots_is_live(&r->blocks.slots, h->who) ||
               blocks_get(&r->blocks, h->who)->stamp != h->since;
    return false;
}
