/* SPDX-License-Identifier: MIT */
#include "shadow/layouts.h"

#include "arena.h"

#include <stdlib.h>

enum { IS_READ = 1, IS_STRING = 2, IS_LENGTH = 4, IS_ARRAY = 8, IS_CLASS = 16 };

enum { WORD = 8, STRING_HEAD = 3 * WORD };

void layouts_begin(struct layouts *l, const struct block_index *x,
                   const struct zones *z)
{
    *l = (struct layouts){.x = x, .z = z, .block = OURO_NONE};
    l->may = must_calloc(x->n, 1);
}

void layouts_release(struct layouts *l)
{
    free(l->may);
    sparse_release(&l->classes);
    *l = (struct layouts){0};
}

static bool is_new_array(const struct block *b)
{
    return b->entry == OURO_ENTRY_NEW_ARRAY ||
           b->entry == OURO_ENTRY_NEW_ARRAY_NOTHROW;
}

/* What the block may be by its first two words. */
static unsigned judge(const struct block *b, uint64_t first, uint64_t second)
{
    unsigned may = 0;
    const uint64_t rest = b->size - WORD;
    if (b->size > STRING_HEAD && first <= second &&
        second == b->size - STRING_HEAD - 1)
        may |= IS_STRING;
    if (b->size <= WORD || first == 0)
        return may;
    if (first == rest)
        may |= IS_LENGTH;
    if (is_new_array(b) && rest % first == 0)
        may |= IS_ARRAY;
    return may;
}

static void finish(struct layouts *l)
{
    if (l->block == OURO_NONE || l->may[l->block] & IS_READ)
        return;
    l->may[l->block] |= (unsigned char)(IS_READ | judge(&l->x->blocks[l->block],
                                                        l->first, l->second));
}

void layouts_read(struct layouts *l, uint32_t block, uint64_t at,
                  uint64_t value)
{
    if (block != l->block) {
        finish(l);
        l->block = block;
        l->first = l->second = 0;
    }
    const uint64_t offset = at - l->x->blocks[block].addr;
    if (offset == 0)
        l->first = value;
    else if (offset == WORD)
        l->second = value;
    if ((offset != 0 && !(l->may[block] & IS_CLASS)) ||
        !zones_in_module(l->z, value))
        return;
    if (offset == 0)
        l->may[block] |= IS_CLASS;
    else
        sparse_add(&l->classes, at / WORD);
}

void layouts_end(struct layouts *l)
{
    finish(l);
    l->block = OURO_NONE;
}

bool layouts_have(const struct layouts *l, uint32_t block, uint64_t addr)
{
    const struct block *b = &l->x->blocks[block];
    const uint64_t offset = addr - b->addr;
    if (b->addr % WORD != 0 || offset % WORD != 0)
        return false;
    unsigned may = l->may[block];
    if (!(may & IS_READ)) /* no word of it was told: all are zero */
        may |= judge(b, 0, 0);
    if (offset == STRING_HEAD && may & IS_STRING)
        return true;
    if (offset == WORD && may & (IS_LENGTH | IS_ARRAY))
        return true;
    return may & IS_CLASS && b->size - offset >= WORD &&
           sparse_has(&l->classes, addr / WORD);
}
