/* SPDX-License-Identifier: MIT */
#include "shadow/shadow.h"

static bool is_number(uint32_t i, uint32_t n)
{
    return i == OURO_NONE || i < n;
}

static bool blocks_are_valid(const struct shadow *s)
{
    for (uint32_t i = 0; i < s->n_blocks; i++) {
        const struct block *b = &s->blocks[i];
        if (i > 0 && s->blocks[i - 1].addr > b->addr)
            return false;
        if (!is_number(b->object, s->n_objects) ||
            !is_number(b->owner, s->n_objects))
            return false;
        if (b->object != OURO_NONE && (s->objects[b->object].block != i ||
                                       s->objects[b->object].addr != b->addr))
            return false;
    }
    return true;
}

static bool objects_are_valid(const struct shadow *s)
{
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *o = &s->objects[i];
        if (i > 0 && s->objects[i - 1].birth >= o->birth)
            return false;
        if (!is_number(o->block, s->n_blocks))
            return false;
        if (o->block == OURO_NONE)
            continue;
        const struct block *b = &s->blocks[o->block];
        if (o->addr - b->addr >= (b->size ? b->size : 1))
            return false;
        if (o->addr == b->addr && b->object != i)
            return false;
    }
    return true;
}

static bool links_are_valid(const struct shadow *s)
{
    for (uint32_t i = 0; i < s->n_links; i++) {
        const struct link *l = &s->links[i];
        if (i > 0 && s->links[i - 1].owner > l->owner)
            return false;
        if (!is_number(l->owner, s->n_objects) || l->target >= s->n_objects)
            return false;
    }
    return true;
}

static bool notes_are_valid(const struct shadow *s)
{
    uint64_t all = 0;
    for (int i = 0; i < N_MISUSES; i++)
        all += s->all_misuses[i];
    if (s->n_misuses > all)
        return false;
    for (uint32_t i = 1; i < s->n_mismatches; i++)
        if (s->mismatches[i - 1].stamp > s->mismatches[i].stamp)
            return false;
    return true;
}

bool shadow_is_valid(const struct shadow *s)
{
    return blocks_are_valid(s) && objects_are_valid(s) && links_are_valid(s) &&
           notes_are_valid(s);
}
