/* SPDX-License-Identifier: MIT */
#include "shadow/links.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64 };

static uint32_t *make_buckets(size_t n)
{
    uint32_t *buckets = must_realloc(NULL, n, sizeof *buckets);
    memset(buckets, 0xff, n * sizeof *buckets);
    return buckets;
}

void links_init(struct links *l)
{
    memset(l, 0, sizeof *l);
    slots_init(&l->slots, sizeof(struct live_link));
    slots_init(&l->holders, sizeof(struct holder));
    l->seed = hash_seed();
    l->mask = FIRST_BUCKETS - 1;
    l->buckets = make_buckets(FIRST_BUCKETS);
    links_make_holder(l, HOLDER_NAMES, OURO_NONE);
    links_make_holder(l, HOLDER_COOKIES, OURO_NONE);
}

void links_release(struct links *l)
{
    slots_release(&l->slots);
    slots_release(&l->holders);
    table_release(&l->at_address);
    free(l->buckets);
}

uint32_t links_make_holder(struct links *l, enum holder_kind kind, uint32_t who)
{
    const uint32_t i = slots_take(&l->holders);
    struct holder *h = links_holder(l, i);
    h->kind = kind;
    h->who = who;
    h->link = h->dangling = OURO_NONE;
    return i;
}

uint32_t links_root(const struct links *l, uint64_t addr)
{
    return (uint32_t)table_get(&l->at_address, addr) - 1;
}

uint32_t links_make_root(struct links *l, uint64_t addr)
{
    uint32_t i = links_root(l, addr);
    if (i == OURO_NONE) {
        i = links_make_holder(l, HOLDER_ADDRESS, OURO_NONE);
        links_holder(l, i)->addr = addr;
        table_set(&l->at_address, addr, (uint64_t)i + 1);
    }
    return i;
}

void links_drop_holder(struct links *l, uint32_t holder)
{
    const struct holder *h = links_holder(l, holder);
    if (h->kind == HOLDER_ADDRESS)
        table_remove(&l->at_address, h->addr);
    slots_give(&l->holders, holder);
}

static uint64_t name_of(uint32_t field, uint64_t offset)
{
    return field ? field : offset;
}

static uint32_t *bucket(const struct links *l, uint32_t holder, uint32_t field,
                        uint64_t offset, uint32_t target)
{
    const uint64_t pair = (uint64_t)holder << 32 | target;
    const uint64_t h =
        hash_pair(hash_pair(l->seed, pair, 1), name_of(field, offset), 2);
    return &l->buckets[(uint32_t)(h >> 32) & l->mask];
}

static void enter(struct links *l, uint32_t i)
{
    const struct live_link *k = links_get(l, i);
    slots_chain(&l->slots, bucket(l, k->holder, k->field, k->offset, k->target),
                i, offsetof(struct live_link, same));
}

/* Each list is entered anew from its oldest on, so that the newest of those
   that are alike stays the first. */
static void rehash(struct links *l, uint32_t n_buckets)
{
    uint32_t *old = l->buckets;
    const uint32_t n_old = l->mask + 1;
    l->mask = n_buckets - 1;
    l->buckets = make_buckets(n_buckets);
    for (uint32_t b = 0; b < n_old; b++) {
        uint32_t last = OURO_NONE;
        for (uint32_t i = old[b]; i != OURO_NONE;
             i = links_get(l, i)->same.next)
            last = i;
        while (last != OURO_NONE) {
            const uint32_t before = links_get(l, last)->same.prev;
            enter(l, last);
            last = before;
        }
    }
    free(old);
}

void links_reindex(struct links *l)
{
    rehash(l, l->mask + 1);
}

uint32_t links_add(struct links *l, const struct live_link *link,
                   uint32_t *first_into)
{
    if (l->slots.n_live > l->mask && l->mask < UINT32_MAX / 2)
        rehash(l, 2 * (l->mask + 1));
    const uint32_t i = slots_take(&l->slots);
    struct live_link *k = links_get(l, i);
    const uint32_t state = k->state;
    *k = *link;
    k->state = state;
    enter(l, i);
    slots_chain(&l->slots, &links_holder(l, k->holder)->link, i,
                offsetof(struct live_link, held));
    slots_chain(&l->slots, first_into, i, offsetof(struct live_link, into));
    return i;
}

uint32_t links_find(const struct links *l, uint32_t holder, uint32_t field,
                    uint64_t offset, uint32_t target)
{
    const uint64_t name = name_of(field, offset);
    uint32_t i = *bucket(l, holder, field, offset, target);
    for (; i != OURO_NONE; i = links_get(l, i)->same.next) {
        const struct live_link *k = links_get(l, i);
        if (k->holder == holder && k->target == target &&
            (k->field != 0) == (field != 0) &&
            name_of(k->field, k->offset) == name)
            break;
    }
    return i;
}

void links_remove(struct links *l, uint32_t i, uint32_t *first_into)
{
    const struct live_link *k = links_get(l, i);
    slots_unchain(&l->slots,
                  bucket(l, k->holder, k->field, k->offset, k->target), i,
                  offsetof(struct live_link, same));
    slots_unchain(&l->slots, &links_holder(l, k->holder)->link, i,
                  offsetof(struct live_link, held));
    slots_unchain(&l->slots, first_into, i, offsetof(struct live_link, into));
    slots_give(&l->slots, i);
}
