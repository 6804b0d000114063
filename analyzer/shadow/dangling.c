/* SPDX-License-Identifier: MIT */
#include "shadow/dangling.h"

#include "arena.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <xxhash.h>

enum { LOOKED_AT = 64 };

void danglings_init(struct danglings *d)
{
    slots_init(&d->slots, sizeof(struct dangling));
    d->newest = (struct table){0};
    d->seed = hash_seed();
}

void danglings_release(struct danglings *d)
{
    slots_release(&d->slots);
    table_release(&d->newest);
}

static struct dangling *at(const struct replay *r, uint32_t i)
{
    return slots_at(&r->danglings.slots, i);
}

/* A field with a name is its owner's, wherever it was written (as for
   UNLINK). */
static uint64_t key_of(const struct replay *r, uint32_t owner, uint32_t holder,
                       uint32_t field, uint64_t offset, uint64_t target)
{
    const bool named = field != 0 && owner != OURO_NONE;
    const uint64_t said[] = {named, named ? owner : holder, field,
                             named ? 0 : offset, target};
    return XXH64(said, sizeof said, r->danglings.seed);
}

static bool holds_for_an_object(const struct holder *h)
{
    return h->kind == HOLDER_OBJECT || h->kind == HOLDER_BLOCK;
}

void dangling_note(struct replay *r, const struct live_link *link,
                   const struct live_object *target)
{
    struct danglings *d = &r->danglings;
    if (d->slots.n_live == DANGLING_KEPT ||
        !holds_for_an_object(links_holder(&r->links, link->holder)))
        return;
    const uint32_t i = slots_take(&d->slots);
    struct dangling *k = at(r, i);
    *k = (struct dangling){
        .state = SLOT_LIVE,
        .holder = link->holder,
        .key = key_of(r, resolve_owner_of(r, link->holder), link->holder,
                      link->field, link->offset, target->place.addr),
        .field = link->field,
        .link_stack = link->stack,
        .death_stack = r->now ? r->now->stack : 0,
        .type = target->type,
        .label = target->label,
        .birth_stack = target->stack,
        .index = link->index,
        .rc = target->rc,
        .freed = r->now && r->now->kind != OURO_REC_DEAD,
        .offset = link->offset,
        .link_stamp = link->stamp,
        .addr = target->place.addr,
        .death_stamp = r->stamp,
    };
    k->older = (uint32_t)table_get(&d->newest, k->key);
    table_set(&d->newest, k->key, i + 1);
    slots_chain(&d->slots, &links_holder(&r->links, k->holder)->dangling, i,
                offsetof(struct dangling, held));
}

/* Out of the list of its key, which is short: the same field held it twice. */
static void unlist(struct replay *r, uint32_t i)
{
    struct danglings *d = &r->danglings;
    const uint64_t key = at(r, i)->key;
    const uint32_t older = at(r, i)->older;
    uint32_t newer = (uint32_t)table_get(&d->newest, key);
    if (newer == i + 1 && older != 0) {
        table_set(&d->newest, key, older);
    } else if (newer == i + 1) {
        table_remove(&d->newest, key);
    } else {
        while (newer != 0 && at(r, newer - 1)->older != i + 1)
            newer = at(r, newer - 1)->older;
        if (newer != 0)
            at(r, newer - 1)->older = older;
    }
}

static void drop(struct replay *r, uint32_t i)
{
    unlist(r, i);
    slots_unchain(&r->danglings.slots,
                  &links_holder(&r->links, at(r, i)->holder)->dangling, i,
                  offsetof(struct dangling, held));
    slots_give(&r->danglings.slots, i);
}

bool dangling_give_up(struct replay *r, const struct whose *w, uint32_t holder,
                      uint32_t field, uint64_t offset, uint64_t target)
{
    if (r->danglings.slots.n_live == 0)
        return false;
    const uint64_t key = key_of(r, w->owner, holder, field, offset, target);
    const uint32_t i = (uint32_t)table_get(&r->danglings.newest, key);
    if (i == 0)
        return false;
    drop(r, i - 1);
    return true;
}

void dangling_replace(struct replay *r, uint32_t holder, uint32_t field,
                      uint64_t offset)
{
    if (r->danglings.slots.n_live == 0 || holder == OURO_NONE)
        return;
    uint32_t i = links_holder(&r->links, holder)->dangling;
    for (int n = 0; n < LOOKED_AT && i != OURO_NONE; n++) {
        const struct dangling *k = at(r, i);
        const uint32_t next = k->held.next;
        if (k->field == field && k->offset == offset && k->index < 0)
            drop(r, i);
        i = next;
    }
}

void dangling_forget(struct replay *r, uint32_t holder)
{
    while (links_holder(&r->links, holder)->dangling != OURO_NONE)
        drop(r, links_holder(&r->links, holder)->dangling);
}

void dangling_forget_all(struct replay *r)
{
    for (uint32_t i = 0; i < r->danglings.slots.n; i++)
        if (slots_is_live(&r->danglings.slots, i))
            drop(r, i);
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_death(const void *a, const void *b)
{
    const struct dangling_link *x = a;
    const struct dangling_link *y = b;
    int c = compare(x->death_stamp, y->death_stamp);
    if (c == 0)
        c = compare(x->link_stamp, y->link_stamp);
    if (c == 0)
        c = compare(x->owner, y->owner);
    if (c == 0)
        c = compare(x->field, y->field);
    return c ? c : compare((uint64_t)x->offset, (uint64_t)y->offset);
}

void dangling_settle(const struct replay *r, struct shadow *s,
                     const uint32_t *number)
{
    const struct slots *slots = &r->danglings.slots;
    s->dangling = must_calloc(slots->n_live, sizeof *s->dangling);
    for (uint32_t i = 0; i < slots->n; i++) {
        if (!slots_is_live(slots, i))
            continue;
        const struct dangling *k = at(r, i);
        const uint32_t owner = resolve_owner_of(r, k->holder);
        if (owner == OURO_NONE)
            continue;
        s->dangling[s->n_dangling++] = (struct dangling_link){
            .owner = number[owner],
            .field = k->field,
            .offset = (int64_t)k->offset,
            .in_owned =
                links_holder(&r->links, k->holder)->kind == HOLDER_BLOCK,
            .index = k->index,
            .link_stamp = k->link_stamp,
            .link_stack = k->link_stack,
            .addr = k->addr,
            .rc = k->rc,
            .freed = k->freed,
            .type = k->type,
            .label = k->label,
            .birth_stack = k->birth_stack,
            .death_stamp = k->death_stamp,
            .death_stack = k->death_stack,
        };
    }
    if (s->n_dangling > 0)
        qsort(s->dangling, s->n_dangling, sizeof *s->dangling, by_death);
}
