/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <xxhash.h>

void oddities_init(struct oddities *o)
{
    *o = (struct oddities){.seed = hash_seed()};
    slots_init(&o->strangers, sizeof(struct stranger));
}

void oddities_release(struct oddities *o)
{
    free(o->at);
    table_release(&o->of_key);
    slots_release(&o->strangers);
    *o = (struct oddities){0};
}

static uint64_t hash_of(const struct oddities *o, const struct oddity *k)
{
    const uint32_t said[] = {k->what, k->kind, k->stack, k->text, k->type};
    return XXH64(said, sizeof said, o->seed);
}

static bool is_same(const struct oddity *a, const struct oddity *b)
{
    return a->what == b->what && a->kind == b->kind && a->stack == b->stack &&
           a->text == b->text && a->type == b->type;
}

/* A place for one more, or OURO_NONE. */
static uint32_t take_place(struct oddities *o)
{
    if (o->unused > 0) {
        const uint32_t i = o->unused - 1;
        o->unused = o->at[i].next;
        return i;
    }
    if (o->n == ODDITIES_KEPT)
        return OURO_NONE;
    GROW(o->at, o->n, o->room);
    return o->n++;
}

/* The number of its group, or OURO_NONE where there are too many. */
static uint32_t note(struct oddities *o, const struct oddity *k)
{
    const uint64_t hash = hash_of(o, k);
    const uint32_t first = (uint32_t)table_get(&o->of_key, hash);
    for (uint32_t i = first; i != 0; i = o->at[i - 1].next)
        if (is_same(&o->at[i - 1].is, k)) {
            o->at[i - 1].is.n++;
            return i - 1;
        }
    const uint32_t i = take_place(o);
    if (i == OURO_NONE)
        return i;
    o->at[i] = (struct oddity_group){.is = *k, .next = first};
    o->at[i].is.n = 1;
    table_set(&o->of_key, hash, (uint64_t)i + 1);
    return i;
}

/* An empty group makes room for another one. */
static void remove_group(struct oddities *o, uint32_t i)
{
    const uint64_t hash = hash_of(o, &o->at[i].is);
    const uint32_t first = (uint32_t)table_get(&o->of_key, hash);
    const uint32_t next = o->at[i].next;
    if (first != i + 1) {
        uint32_t k = first;
        while (o->at[k - 1].next != i + 1)
            k = o->at[k - 1].next;
        o->at[k - 1].next = next;
    } else if (next != 0) {
        table_set(&o->of_key, hash, next);
    } else {
        table_remove(&o->of_key, hash);
    }
    o->at[i].next = o->unused;
    o->unused = i + 1;
}

/* The address that an event is about and nothing is known of. */
static uint64_t unknown_address(const struct replay *r, const struct event *e)
{
    switch ((int)e->kind) {
    case OURO_REC_LINK:
    case OURO_REC_LINK_AT:
    case OURO_REC_UNLINK:
    case OURO_REC_WEAK:
    case OURO_REC_ROOT:
    case OURO_REC_UNROOT:
        return e->b;
    case OURO_REC_OWN:
        return resolve_object(r, e->a) == OURO_NONE ? e->a : e->b;
    case OURO_REC_POOL_ALLOC:
    case OURO_REC_POOL_FREE:
        return blocks_pool(&r->blocks, e->a) == OURO_NONE ? e->a : e->b;
    default:
        return e->a;
    }
}

static struct oddity oddity_of(const struct replay *r, enum oddity_what what,
                               const struct event *e)
{
    return (struct oddity){
        .what = what,
        .kind = e->kind,
        .stack = e->stack,
        .text = e->kind == OURO_REC_LABEL ? 0 : e->text,
        .stamp = r->now ? r->now->stamp : r->stamp,
    };
}

void oddity_unknown(struct replay *r, const struct event *e)
{
    struct oddity k = oddity_of(r, ODDITY_UNKNOWN, e);
    k.addr = unknown_address(r, e);
    r->totals.unannounced++;
    note(&r->oddities, &k);
}

void oddity_unmatched(struct replay *r, const struct event *e, uint32_t object)
{
    struct oddity k = oddity_of(r, ODDITY_UNMATCHED, e);
    k.addr = objects_get(&r->objects, object)->place.addr;
    k.type = objects_get(&r->objects, object)->type;
    r->totals.unmatched_unlinks++;
    note(&r->oddities, &k);
}

void oddity_renewed(struct replay *r, uint32_t object)
{
    struct oddity k = oddity_of(r, ODDITY_RENEWED, r->now);
    k.addr = objects_get(&r->objects, object)->place.addr;
    k.type = objects_get(&r->objects, object)->type;
    r->totals.renewed++;
    note(&r->oddities, &k);
}

void oddity_dangling(struct replay *r, const struct live_link *link)
{
    const struct live_object *target = objects_get(&r->objects, link->target);
    const bool root =
        links_holder(&r->links, link->holder)->kind == HOLDER_NAMES;
    const struct oddity k = {
        .what = ODDITY_DANGLING,
        .kind = root ? OURO_REC_ROOT : OURO_REC_LINK,
        .stack = link->stack,
        .text = link->field,
        .type = target->type,
        .stamp = r->now ? r->now->stamp : r->stamp,
        .addr = target->place.addr,
    };
    r->totals.dangling_links++;
    note(&r->oddities, &k);
}

/* The block's strangers of that group come to the front of its list. */
static struct stranger *find_stranger(struct oddities *o, struct block_extra *x,
                                      uint32_t group)
{
    uint32_t *from = &x->stranger;
    uint32_t i = *from;
    for (; i != OURO_NONE; i = *from) {
        struct stranger *k = slots_at(&o->strangers, i);
        if (k->group == group) {
            *from = k->next;
            break;
        }
        from = &k->next;
    }
    if (i == OURO_NONE) {
        i = slots_take(&o->strangers);
        ((struct stranger *)slots_at(&o->strangers, i))->group = group;
    }
    struct stranger *k = slots_at(&o->strangers, i);
    k->next = x->stranger;
    x->stranger = i;
    return k;
}

void oddity_stranger(struct replay *r, const struct event *e, uint32_t block)
{
    struct oddity k = oddity_of(r, ODDITY_UNOWNED, e);
    k.addr = e->a;
    r->totals.unannounced++;
    r->needs_parent = true;
    const uint32_t group = note(&r->oddities, &k);
    struct block_extra *x = blocks_make_extra(&r->blocks, block);
    find_stranger(&r->oddities, x, group)->n++;
}

void oddity_take_back(struct replay *r, struct block_extra *x)
{
    struct oddities *o = &r->oddities;
    for (uint32_t i = x->stranger; i != OURO_NONE;) {
        const struct stranger *k = slots_at(&o->strangers, i);
        r->totals.unannounced -= k->n;
        if (k->group != OURO_NONE && (o->at[k->group].is.n -= k->n) == 0)
            remove_group(o, k->group);
        i = k->next;
    }
    oddity_forget(r, x);
}

void oddity_forget(struct replay *r, struct block_extra *x)
{
    while (x->stranger != OURO_NONE) {
        const uint32_t i = x->stranger;
        x->stranger =
            ((const struct stranger *)slots_at(&r->oddities.strangers, i))
                ->next;
        slots_give(&r->oddities.strangers, i);
    }
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Of each sort the most first. */
static int by_weight(const void *a, const void *b)
{
    const struct oddity *x = a, *y = b;
    int c = compare(x->what, y->what);
    if (c == 0)
        c = compare(y->n, x->n);
    if (c == 0)
        c = compare(x->stamp, y->stamp);
    if (c == 0)
        c = compare(x->kind, y->kind);
    if (c == 0)
        c = compare(x->stack, y->stack);
    if (c == 0)
        c = compare(x->text, y->text);
    return c ? c : compare(x->type, y->type);
}

void oddities_settle(struct oddities *o, struct shadow *s)
{
    s->oddities = must_calloc(o->n, sizeof *s->oddities);
    for (uint32_t i = 0; i < o->n; i++)
        if (o->at[i].is.n > 0)
            s->oddities[s->n_oddities++] = o->at[i].is;
    if (s->n_oddities > 0)
        qsort(s->oddities, s->n_oddities, sizeof *s->oddities, by_weight);
}
