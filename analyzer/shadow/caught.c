/* SPDX-License-Identifier: MIT */
#include "shadow/caught.h"

#include "arena.h"
#include "shadow/replay.h"

#include <stdlib.h>

enum {
    HEADER = 64,            /* bytes of an allocator before a block, at most */
    CLEARED_MOST = 1 << 30, /* of one block: a number may claim anything */
};

void caught_init(struct caught *c, const struct gc_options *o)
{
    *c = (struct caught){
        .wanted = o && o->catches,
        .stamp = o ? o->catch_at : 0,
    };
}

void caught_release(struct caught *c)
{
    free(c->blocks);
    free(c->now);
    free(c->objects);
    sparse_release(&c->pages);
    *c = (struct caught){0};
}

/* A large block's pages are all its own, but for the first where it begins
   behind others. */
static void note_large(struct sparse *pages, uint64_t addr, uint64_t size)
{
    const uint64_t cleared = size < CLEARED_MOST ? size : CLEARED_MOST;
    uint64_t from = addr >> PAGE_SHIFT;
    if (addr % PAGE_BYTES > HEADER)
        sparse_add(pages, from++);
    if (addr <= UINT64_MAX - cleared)
        sparse_remove(pages, from, ((addr + cleared - 1) >> PAGE_SHIFT) + 1);
}

static void note(struct sparse *pages, uint64_t addr, uint64_t size)
{
    if (size >= CAUGHT_LARGE)
        note_large(pages, addr, size);
    else
        caught_note_small(pages, addr, size);
}

static bool hands_out(const struct event *e)
{
    return (e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS) ||
           e->kind == OURO_REALLOC_END || e->kind == OURO_REALLOC_END_ARRAY;
}

void caught_note_pages(struct sparse *pages, const struct event *e)
{
    if (hands_out(e))
        note(pages, e->a, e->size);
    for (uint64_t mask = e->kind == OURO_FOLDED_PAGES ? e->b : 0; mask;
         mask &= mask - 1)
        sparse_add(pages,
                   (e->a >> PAGE_SHIFT) + (uint64_t)__builtin_ctzll(mask));
}

/* An element in a block is in pages that are known. */
void caught_event(struct replay *r, const struct event *e)
{
    struct sparse *pages = &r->caught.pages;
    caught_note_pages(pages, e);
    if (e->kind == OURO_REC_POOL_ALLOC &&
        blocks_holding(&r->blocks, e->b) == OURO_NONE)
        note(pages, e->b, e->size);
}

struct ranked {
    uint64_t addr;
    uint32_t depth, slot;
};

static int by_addr(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

/* One that is being reallocated is where it was, unless something else is. */
static bool is_there(const struct blocks *b, uint32_t slot)
{
    const struct live_block *k = blocks_get(b, slot);
    return slots_is_live(&b->slots, slot) &&
           (!(k->flags & BLOCK_AWAY) ||
            blocks_at(b, k->place.addr) == OURO_NONE);
}

static struct ranked *ranked(const struct blocks *b, uint32_t *n)
{
    struct ranked *all = must_calloc(b->slots.n_live, sizeof *all);
    bool sorted = true;
    *n = 0;
    for (uint32_t i = 0; i < b->slots.n; i++) {
        if (!is_there(b, i))
            continue;
        const struct live_block *k = blocks_get(b, i);
        all[*n] = (struct ranked){k->place.addr, k->depth, i};
        sorted = sorted && (*n == 0 || by_addr(&all[*n - 1], &all[*n]) < 0);
        ++*n;
    }
    if (!sorted)
        qsort(all, *n, sizeof *all, by_addr);
    return all;
}

static struct block block_of(const struct live_block *k)
{
    return (struct block){
        .addr = k->place.addr,
        .size = k->size,
        .stamp = k->stamp,
        .stack = k->stack,
        .object = OURO_NONE,
        .owner = OURO_NONE,
        .entry = k->entry,
        .inherited = k->flags & BLOCK_INHERITED,
        .ignored = k->flags & BLOCK_IGNORED,
        .pool = k->flags & BLOCK_ELEMENT,
    };
}

static void take_blocks(struct caught *c, const struct blocks *b)
{
    struct ranked *all = ranked(b, &c->n_blocks);
    c->blocks = must_calloc(c->n_blocks, sizeof *c->blocks);
    c->now = must_calloc(c->n_blocks, sizeof *c->now);
    for (uint32_t i = 0; i < c->n_blocks; i++) {
        c->blocks[i] = block_of(blocks_get(b, all[i].slot));
        c->now[i] = all[i].slot;
    }
    free(all);
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void take_objects(struct caught *c, const struct replay *r)
{
    const struct objects *o = &r->objects;
    uint32_t room = 0;
    for (uint32_t i = 0; i < o->slots.n; i++) {
        const struct live_object *k = objects_get(o, i);
        if (!slots_is_live(&o->slots, i) || k->block == OURO_NONE || k->away ||
            k->place.addr == blocks_get(&r->blocks, k->block)->place.addr)
            continue;
        GROW(c->objects, c->n_objects, room);
        c->objects[c->n_objects++] = k->place.addr;
    }
    if (c->n_objects > 0)
        qsort(c->objects, c->n_objects, sizeof *c->objects, by_number);
}

void caught_take(struct replay *r)
{
    struct caught *c = &r->caught;
    take_blocks(c, &r->blocks);
    take_objects(c, r);
    sparse_seal(&c->pages);
    c->done = true;
    c->wanted = false;
}

void caught_match(struct caught *c, const struct shadow *s,
                  const uint32_t *number)
{
    for (uint32_t i = 0; i < c->n_blocks; i++) {
        const uint32_t now = number[c->now[i]];
        c->now[i] =
            now != OURO_NONE && s->blocks[now].stamp == c->blocks[i].stamp
                ? now
                : OURO_NONE;
    }
}
