/* SPDX-License-Identifier: MIT */
#include "explain/weight.h"

#include <stdlib.h>

void held_add(struct held *sum, struct held more)
{
    sum->objects += more.objects;
    sum->blocks += more.blocks;
    sum->bytes += more.bytes;
}

static uint64_t end_of(const struct block *b)
{
    const uint64_t end = b->addr + b->size;
    return end < b->addr ? UINT64_MAX : end;
}

/* A sweep in order of addresses, with the blocks that are open: each element
   of a pool covers the block right around it. */
static void cover_containers(const struct shadow *s, unsigned char *covered)
{
    uint32_t *open = NULL;
    uint32_t n_open = 0;
    uint32_t room = 0;
    for (uint32_t i = 0; i < s->n_blocks; i++) {
        const struct block *b = &s->blocks[i];
        while (n_open > 0 && end_of(&s->blocks[open[n_open - 1]]) <= b->addr)
            n_open--;
        if (b->pool && n_open > 0)
            covered[open[n_open - 1]] = 1;
        GROW(open, n_open, room);
        open[n_open++] = i;
    }
    free(open);
}

static void weigh_object(const struct shadow *s, struct weights *w,
                         const uint32_t *n_inside, uint32_t v)
{
    const struct object *k = &s->objects[v];
    w->bytes[v] = k->bytes;
    if (k->block == OURO_NONE)
        return;
    const struct block *b = &s->blocks[k->block];
    w->covered[k->block] = 1;
    if (n_inside[k->block] == 1) {
        w->blocks[v] = 1;
        w->bytes[v] = b->size;
    } else if (b->object == v) {
        w->blocks[v] = 1;
    }
}

struct weights weights_find(struct arena *a, const struct shadow *s)
{
    struct weights w = {
        .blocks = ARENA_ARRAY(a, s->n_objects, uint32_t),
        .bytes = ARENA_ARRAY(a, s->n_objects, uint64_t),
        .covered = ARENA_ARRAY(a, s->n_blocks, unsigned char),
    };
    uint32_t *n_inside = must_calloc(s->n_blocks, sizeof *n_inside);
    for (uint32_t v = 0; v < s->n_objects; v++)
        if (s->objects[v].block != OURO_NONE)
            n_inside[s->objects[v].block]++;
    for (uint32_t v = 0; v < s->n_objects; v++)
        weigh_object(s, &w, n_inside, v);
    free(n_inside);

    for (uint32_t i = 0; i < s->n_blocks; i++) {
        const struct block *b = &s->blocks[i];
        if (b->owner == OURO_NONE)
            continue;
        if (!w.covered[i]) {
            w.blocks[b->owner]++;
            w.bytes[b->owner] += b->size;
        }
        w.covered[i] = 1;
    }
    cover_containers(s, w.covered);
    return w;
}
