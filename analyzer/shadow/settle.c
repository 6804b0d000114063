/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <string.h>

/* From live numbers to those of the result. */
struct settling {
    struct replay *r;
    struct shadow *s;
    uint32_t *block, *object; /* live number -> index, or OURO_NONE */
};

struct ranked {
    uint64_t key;
    uint32_t tie, slot;
};

static int by_key(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->tie > y->tie) - (x->tie < y->tie);
}

static struct ranked rank_block(const struct replay *r, uint32_t i)
{
    const struct live_block *k = blocks_get(&r->blocks, i);
    return (struct ranked){k->place.addr, k->depth, i};
}

static struct ranked rank_object(const struct replay *r, uint32_t i)
{
    return (struct ranked){objects_get(&r->objects, i)->birth, 0, i};
}

/* The live records of `slots`, in order. */
static struct ranked *ranked(const struct replay *r, const struct slots *slots,
                             struct ranked (*rank)(const struct replay *r,
                                                   uint32_t i))
{
    struct ranked *all = must_calloc(slots->n_live, sizeof *all);
    uint32_t n = 0;
    bool sorted = true;
    for (uint32_t i = 0; i < slots->n; i++) {
        if (!slots_is_live(slots, i))
            continue;
        all[n] = rank(r, i);
        if (n > 0 && by_key(&all[n - 1], &all[n]) > 0)
            sorted = false;
        n++;
    }
    if (!sorted)
        qsort(all, n, sizeof *all, by_key);
    return all;
}

static uint32_t *numbers(const struct slots *slots)
{
    uint32_t *all = must_realloc(NULL, slots->n, sizeof *all);
    memset(all, 0xff, slots->n * sizeof *all);
    return all;
}

static uint32_t settled(const uint32_t *number, uint32_t i)
{
    return i == OURO_NONE ? OURO_NONE : number[i];
}

static struct block block_of(const struct settling *t, uint32_t i)
{
    const struct blocks *b = &t->r->blocks;
    const struct live_block *k = blocks_get(b, i);
    const struct block_extra *x = blocks_extra_of(b, i);
    const uint32_t there = objects_at(&t->r->objects, k->place.addr);
    const bool here =
        there != OURO_NONE && objects_get(&t->r->objects, there)->block == i;
    return (struct block){
        .addr = k->place.addr,
        .size = k->size,
        .stamp = k->stamp,
        .stack = k->stack,
        .object = here ? t->object[there] : OURO_NONE,
        .owner = x ? settled(t->object, x->owner) : OURO_NONE,
        .entry = k->entry,
        .inherited = k->flags & BLOCK_INHERITED,
        .ignored = k->flags & BLOCK_IGNORED,
        .pool = k->flags & BLOCK_ELEMENT,
    };
}

static struct object object_of(const struct settling *t, uint32_t i)
{
    const struct live_object *k = objects_get(&t->r->objects, i);
    uint64_t bytes = k->bytes;
    if (bytes == 0 && k->block != OURO_NONE) {
        const struct live_block *b = blocks_get(&t->r->blocks, k->block);
        bytes = b->size - (k->place.addr - b->place.addr);
    }
    return (struct object){
        .addr = k->place.addr,
        .bytes = bytes,
        .birth = k->birth,
        .stamp = k->stamp,
        .rc = k->rc,
        .block = settled(t->block, k->block),
        .type = k->type,
        .label = k->label,
        .stack = k->stack,
        .flags = k->flags | (k->generation == GC_PERMANENT ? OBJECT_FROZEN : 0),
        .generation = k->generation == GC_FOUND ? k->was_in : k->generation,
        .found = k->generation == GC_FOUND,
        .acquired = k->acquired,
    };
}

static uint64_t slot_of(const struct replay *r, const struct live_link *k,
                        const struct holder *h)
{
    switch (k->slot_base) {
    case SLOT_FIXED:
        return k->slot;
    case SLOT_OWNER:
        return objects_get(&r->objects, h->who)->place.addr + k->slot;
    case SLOT_BLOCK:
        break;
    }
    const struct slots *blocks = &r->blocks.slots;
    if (!slots_is_live(blocks, k->slot_block))
        return 0;
    const struct live_block *b = blocks_get(&r->blocks, k->slot_block);
    return b->stamp == k->slot_stamp ? b->place.addr + k->slot : 0;
}

static struct link link_of(const struct settling *t, const struct live_link *k)
{
    const struct replay *r = t->r;
    const struct holder *h = links_holder(&r->links, k->holder);
    const uint32_t owner = resolve_owner_of(r, k->holder);
    uint64_t offset = k->offset;
    if (h->kind == HOLDER_BLOCK && owner == OURO_NONE)
        offset += blocks_get(&r->blocks, h->who)->place.addr;
    return (struct link){
        .owner = settled(t->object, owner),
        .target = t->object[k->target],
        .field = k->field,
        .offset = (int64_t)offset,
        .in_owned = h->kind == HOLDER_BLOCK && owner != OURO_NONE,
        .index = k->index,
        .slot = slot_of(r, k, h),
        .stamp = k->stamp,
        .stack = k->stack,
    };
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_owner(const void *a, const void *b)
{
    const struct link *x = a;
    const struct link *y = b;
    int c = compare(x->owner, y->owner);
    if (c == 0)
        c = compare(x->stamp, y->stamp);
    if (c == 0)
        c = compare(x->target, y->target);
    if (c == 0)
        c = compare(x->field, y->field);
    if (c == 0)
        c = compare(x->in_owned, y->in_owned);
    if (c == 0)
        c = compare((uint64_t)x->offset, (uint64_t)y->offset);
    if (c == 0)
        c = compare((uint64_t)x->index, (uint64_t)y->index);
    return c ? c : compare(x->slot, y->slot);
}

static void settle_links(const struct settling *t)
{
    const struct links *l = &t->r->links;
    struct shadow *s = t->s;
    s->links = must_calloc(l->slots.n_live, sizeof *s->links);
    bool sorted = true;
    for (uint32_t i = 0; i < l->slots.n; i++) {
        if (!slots_is_live(&l->slots, i) || links_get(l, i)->holder == ACQUIRES)
            continue;
        const uint32_t n = s->n_links++;
        s->links[n] = link_of(t, links_get(l, i));
        if (n > 0 && by_owner(&s->links[n - 1], &s->links[n]) > 0)
            sorted = false;
    }
    if (!sorted)
        qsort(s->links, s->n_links, sizeof *s->links, by_owner);
}

static void settle_things(struct settling *t)
{
    struct shadow *s = t->s;
    const struct slots *blocks = &t->r->blocks.slots;
    const struct slots *objects = &t->r->objects.slots;
    struct ranked *b = ranked(t->r, blocks, rank_block);
    struct ranked *o = ranked(t->r, objects, rank_object);
    s->n_blocks = blocks->n_live;
    s->n_objects = objects->n_live;
    for (uint32_t i = 0; i < s->n_blocks; i++)
        t->block[b[i].slot] = i;
    for (uint32_t i = 0; i < s->n_objects; i++)
        t->object[o[i].slot] = i;
    s->blocks = must_calloc(s->n_blocks, sizeof *s->blocks);
    s->objects = must_calloc(s->n_objects, sizeof *s->objects);
    for (uint32_t i = 0; i < s->n_blocks; i++)
        s->blocks[i] = block_of(t, b[i].slot);
    for (uint32_t i = 0; i < s->n_objects; i++)
        s->objects[i] = object_of(t, o[i].slot);
    free(b);
    free(o);
}

/* What still lives with a count that came down to zero. */
static void note_zombies(struct replay *r, const struct shadow *s,
                         const uint32_t *number)
{
    unsigned char *counted = must_calloc(s->n_objects, 1);
    for (uint32_t i = 0; i < r->objects.slots.n; i++)
        if (number[i] != OURO_NONE)
            counted[number[i]] = objects_get(&r->objects, i)->counted;
    const uint32_t excused =
        OBJECT_IMMORTAL | OBJECT_IGNORED | OBJECT_INHERITED;
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *k = &s->objects[i];
        if (k->rc == 0 && counted[i] && !(k->flags & excused))
            misuse_note(r, MISUSE_ZOMBIE, k->addr, k->type, k->stack);
    }
    free(counted);
}

static int by_stamp(const void *a, const void *b)
{
    const struct mismatch *x = a;
    const struct mismatch *y = b;
    const int c = compare(x->stamp, y->stamp);
    return c ? c : compare(x->type, y->type);
}

void replay_settle(struct replay *r, struct shadow *s)
{
    struct settling t = {
        .r = r,
        .s = s,
        .block = numbers(&r->blocks.slots),
        .object = numbers(&r->objects.slots),
    };
    addrmap_release(&r->blocks.map); /* the largest, and no more needed */
    settle_things(&t);
    settle_links(&t);
    dangling_settle(r, s, t.object);
    lasting_settle(r, s);
    note_zombies(r, s, t.object);
    caught_match(&r->caught, s, t.block);
    s->caught = r->caught;
    r->caught = (struct caught){0};
    free(t.block);
    free(t.object);
    s->totals = r->totals;
    memcpy(s->all_misuses, r->all_misuses, sizeof s->all_misuses);
    s->misuses = r->misuses;
    s->n_misuses = r->n_misuses;
    if (r->n_mismatches > 0)
        qsort(r->mismatches, r->n_mismatches, sizeof *r->mismatches, by_stamp);
    s->mismatches = r->mismatches;
    s->n_mismatches = r->n_mismatches;
    oddities_settle(&r->oddities, s);
    s->gc = r->generations.gc;
    r->generations.gc = (struct gc){0};
    s->checkpoints = r->census.checkpoints;
    r->census.checkpoints = (struct checkpoints){0};
    r->misuses = NULL;
    r->mismatches = NULL;
    r->n_misuses = r->n_mismatches = 0;
}
