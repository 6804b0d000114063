/* SPDX-License-Identifier: MIT */
#include "explain/deaths.h"

#include "shadow/run.h"

struct coroner {
    const struct meant *m;
    const struct trace *t;
    bool in_parent; /* what dies may be of another process */
    struct deaths *d;
};

static bool wants(void *to, uint64_t birth)
{
    (void)to, (void)birth;
    return true;
}

static void hear(void *to, const struct replay *r, const struct heard *h)
{
    (void)to, (void)r, (void)h;
}

static bool is_elsewhere(const struct coroner *c, const struct replay *r)
{
    return c->in_parent && !r->forked;
}

static uint64_t bytes_of(const struct replay *r, const struct live_object *k)
{
    if (k->bytes != 0 || k->block == OURO_NONE)
        return k->bytes;
    const struct live_block *b = blocks_get(&r->blocks, k->block);
    return b->size - (k->place.addr - b->place.addr);
}

static bool is_meant(const struct coroner *c, const struct live_object *k,
                     uint64_t bytes)
{
    const struct strings *s = &c->t->strings;
    return meant_is_at(c->m, k->place.addr, bytes) ||
           meant_is_named(c->m, s->text[k->type], s->text[k->label]);
}

static void note(void *to, const struct replay *r, const struct heard *h)
{
    const struct coroner *c = to;
    const struct live_object *k = objects_get(&r->objects, h->object);
    const uint64_t bytes = bytes_of(r, k);
    if (h->kind != OURO_REC_DEAD || is_elsewhere(c, r) ||
        !is_meant(c, k, bytes))
        return;
    const uint32_t stack = h->event->stack;
    c->d->n_objects++;
    c->d->object = (struct death){
        .addr = k->place.addr,
        .bytes = bytes,
        .born = k->stamp,
        .died = r->stamp,
        .type = k->type,
        .label = k->label,
        .stack = k->stack,
        .death_stack = stack ? stack : k->given_up,
        .rc = k->rc,
        .inherited = k->flags & OBJECT_INHERITED,
    };
}

static void block_ends(void *to, const struct replay *r, uint32_t block)
{
    const struct coroner *c = to;
    const struct live_block *k = blocks_get(&r->blocks, block);
    if (is_elsewhere(c, r) || !meant_is_at(c->m, k->place.addr, k->size))
        return;
    c->d->n_blocks++;
    c->d->block = (struct death){
        .addr = k->place.addr,
        .bytes = k->size,
        .born = k->stamp,
        .died = r->stamp,
        .stack = k->stack,
        .death_stack = r->now ? r->now->stack : 0,
        .entry = k->entry,
        .is_block = true,
        .inherited = k->flags & BLOCK_INHERITED,
        .pool = k->flags & BLOCK_ELEMENT,
    };
}

static int walk(struct coroner *c, struct trace *t, struct trace *parent,
                bool *needs_parent, struct err *e)
{
    const struct listener listener = {
        .to = c,
        .wants = wants,
        .hear = hear,
        .note = note,
        .block_ends = block_ends,
    };
    const struct gc_options no_gc = {.none = true};
    struct replay r;
    *c->d = (struct deaths){0};
    c->in_parent = parent != NULL;
    const int rc = run_trace(&r, t, parent, &listener, &no_gc, e);
    *needs_parent = rc == 0 && r.needs_parent;
    replay_release(&r);
    return rc;
}

int deaths_find(struct deaths *d, struct trace *t, struct trace *parent,
                const struct meant *m, struct err *e)
{
    struct coroner c = {.m = m, .t = t, .d = d};
    struct err ignored;
    bool needs_parent;
    if (walk(&c, t, NULL, &needs_parent, e) != 0)
        return -1;
    if (!parent || !needs_parent ||
        walk(&c, t, parent, &needs_parent, &ignored) == 0)
        return 0;
    return walk(&c, t, NULL, &needs_parent, e);
}

/* An object's block ends with it, or after it. */
const struct death *deaths_last(const struct deaths *d)
{
    if (d->n_objects > 0 &&
        (d->n_blocks == 0 || d->object.died >= d->block.born))
        return &d->object;
    return d->n_blocks > 0 ? &d->block : NULL;
}
