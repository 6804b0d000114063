/* SPDX-License-Identifier: MIT */
#include "shadow/census.h"

#include "arena.h"
#include "shadow/replay.h"

/* What leaves or comes. */
struct counted {
    uint32_t type, stack;
    uint8_t what;
    uint64_t stamp; /* when it was born */
    struct tally much;
};

void census_release(struct census *c)
{
    checkpoints_release(&c->checkpoints);
    table_release(&c->of_kind);
}

static void thin(struct checkpoints *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n; i += 2)
        c->at[kept++] = c->at[i];
    c->n = kept;
    c->step *= 2;
}

/* Stamps go up, even where threads made it wait. */
void census_checkpoint(struct replay *r, const struct event *e)
{
    struct checkpoints *c = &r->census.checkpoints;
    uint64_t stamp = e->stamp;
    if (c->n_all > 0 && c->recent[(c->n_all - 1) % CHECKPOINTS_RECENT] > stamp)
        stamp = c->recent[(c->n_all - 1) % CHECKPOINTS_RECENT];
    c->recent[c->n_all % CHECKPOINTS_RECENT] = stamp;
    if (c->n_all == 0)
        c->step = 1;
    if (c->n == CHECKPOINTS_KEPT)
        thin(c);
    if (c->n_all++ % c->step != 0)
        return;
    GROW(c->at, c->n, c->room);
    c->at[c->n++] =
        (struct checkpoint){stamp, e->text, e->kind == OURO_REC_SNAPSHOT};
}

void census_fork(struct replay *r)
{
    census_release(&r->census);
}

static struct gone *gone_of(struct census *census, const struct counted *k)
{
    struct checkpoints *c = &census->checkpoints;
    const uint32_t kind = k->what ? UINT32_MAX - k->what : k->type;
    const uint64_t key = (uint64_t)kind << 32 | k->stack;
    const uint64_t known = table_get(&census->of_kind, key);
    if (known)
        return &c->gone[known - 1];
    GROW(c->gone, c->n_gone, c->gone_room);
    struct gone *g = &c->gone[c->n_gone++];
    *g = (struct gone){.type = k->type, .stack = k->stack, .what = k->what};
    table_set(&census->of_kind, key, c->n_gone);
    return g;
}

/* Checkpoints have come since: nobody who was alive then has left. */
static void catch_up(struct gone *g, const struct checkpoints *c)
{
    if (g->until < checkpoints_oldest(c))
        g->until = checkpoints_oldest(c);
    for (; g->until < c->n_all; g->until++)
        g->recent[g->until % CHECKPOINTS_RECENT] = (struct tally){0, 0};
}

static void add(struct tally *t, struct tally much, int sign)
{
    t->n += sign * much.n;
    t->bytes =
        (int64_t)((uint64_t)t->bytes + (uint64_t)sign * (uint64_t)much.bytes);
}

/* It was alive, and of this kind, at the checkpoints between its birth and the
   event that is being applied. */
static void tell(struct replay *r, const struct counted *k, int sign)
{
    struct checkpoints *c = &r->census.checkpoints;
    const uint64_t now = r->now ? r->now->stamp : UINT64_MAX;
    uint64_t i = c->n_all;
    if (c->recent[(i - 1) % CHECKPOINTS_RECENT] <= k->stamp)
        return;
    struct gone *g = gone_of(&r->census, k);
    catch_up(g, c);
    if (c->at[0].stamp > k->stamp && c->at[0].stamp < now)
        add(&g->first, k->much, sign);
    for (; i > checkpoints_oldest(c); i--) {
        const uint64_t at = (i - 1) % CHECKPOINTS_RECENT;
        if (c->recent[at] <= k->stamp)
            return;
        if (c->recent[at] < now)
            add(&g->recent[at], k->much, sign);
    }
}

static void tell_object(struct replay *r, uint32_t object, int sign)
{
    const struct live_object *k = objects_get(&r->objects, object);
    if (k->flags & (OBJECT_INHERITED | OBJECT_IGNORED))
        return;
    uint64_t bytes = k->bytes;
    if (bytes == 0 && k->block != OURO_NONE) {
        const struct live_block *b = blocks_get(&r->blocks, k->block);
        bytes = b->size - (k->place.addr - b->place.addr);
    }
    const struct counted counted = {
        .type = k->type,
        .stack = k->stack,
        .stamp = k->stamp,
        .much = {1, (int64_t)bytes},
    };
    tell(r, &counted, sign);
}

/* Its owner's bytes; or itself, where nothing else stands for it. */
static void tell_block(struct replay *r, uint32_t block, int sign)
{
    const struct live_block *b = blocks_get(&r->blocks, block);
    const struct block_extra *x = blocks_extra_of(&r->blocks, block);
    struct counted k = {.stamp = b->stamp, .much = {0, (int64_t)b->size}};
    if (b->object != OURO_NONE)
        return;
    if (x && x->owner != OURO_NONE) {
        const struct live_object *owner = objects_get(&r->objects, x->owner);
        if (owner->flags & (OBJECT_INHERITED | OBJECT_IGNORED))
            return;
        k.type = owner->type;
        k.stack = owner->stack;
    } else {
        if ((x && x->element != OURO_NONE) ||
            b->flags & (BLOCK_INHERITED | BLOCK_IGNORED))
            return;
        k.what = b->flags & BLOCK_ELEMENT ? WHAT_ELEMENT : b->entry + 1;
        k.stack = b->stack;
        k.much.n = 1;
    }
    tell(r, &k, sign);
}

void census_block_leaves(struct replay *r, uint32_t block)
{
    if (r->census.checkpoints.n_all > 0)
        tell_block(r, block, 1);
}

void census_block_comes(struct replay *r, uint32_t block)
{
    if (r->census.checkpoints.n_all > 0)
        tell_block(r, block, -1);
}

void census_object_leaves(struct replay *r, uint32_t object)
{
    if (r->census.checkpoints.n_all > 0)
        tell_object(r, object, 1);
}

void census_object_comes(struct replay *r, uint32_t object)
{
    if (r->census.checkpoints.n_all > 0)
        tell_object(r, object, -1);
}
