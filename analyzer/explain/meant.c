/* SPDX-License-Identifier: MIT */
#include "explain/meant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct meant meant_parse(const char *text)
{
    struct meant m = {.text = text};
    char *end;
    if (strncmp(text, "0x", 2) != 0 && strncmp(text, "0X", 2) != 0)
        return m;
    errno = 0;
    m.addr = strtoull(text, &end, 16);
    m.is_address = errno == 0 && end > text + 2 && *end == '\0';
    return m;
}

/* Does `text` say: the type, `before`, the label, `after`? */
static bool says(const char *text, const char *type, const char *before,
                 const char *label, const char *after)
{
    const char *parts[] = {type, before, label, after};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const size_t len = strlen(parts[i]);
        if (strncmp(text, parts[i], len) != 0)
            return false;
        text += len;
    }
    return *text == '\0';
}

bool meant_is_named(const struct meant *m, const char *type, const char *label)
{
    if (m->is_address || *m->text == '\0')
        return false;
    if (strcmp(m->text, type) == 0 || strcmp(m->text, label) == 0)
        return true;
    return *label && (says(m->text, type, ":", label, "") ||
                      says(m->text, type, " \"", label, "\""));
}

bool meant_is_at(const struct meant *m, uint64_t addr, uint64_t bytes)
{
    return m->is_address && m->addr >= addr &&
           m->addr - addr < (bytes ? bytes : 1);
}

static bool holds(uint64_t start, uint64_t bytes, uint64_t addr)
{
    return addr >= start && addr - start < (bytes ? bytes : 1);
}

/* Blocks are sorted by address, those around others first. */
static uint32_t innermost_block(const struct shadow *s, uint64_t addr)
{
    uint32_t found = OURO_NONE;
    for (uint32_t i = 0; i < s->n_blocks && s->blocks[i].addr <= addr; i++)
        if (holds(s->blocks[i].addr, s->blocks[i].size, addr))
            found = i;
    return found;
}

/* The one that begins at addr; else of those in the block the one that holds
   it and begins last; else the only one there. */
static uint32_t object_in(const struct shadow *s, uint32_t block, uint64_t addr)
{
    uint32_t around = OURO_NONE;
    uint32_t only = OURO_NONE;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_objects; i++) {
        const struct object *k = &s->objects[i];
        if (k->addr == addr)
            return i;
        if (k->block != block)
            continue;
        n++;
        only = i;
        if (holds(k->addr, k->bytes, addr) &&
            (around == OURO_NONE || s->objects[around].addr < k->addr))
            around = i;
    }
    if (around != OURO_NONE || block == OURO_NONE)
        return around;
    return n == 1 ? only : s->blocks[block].object;
}

bool meant_at(const struct shadow *s, uint64_t addr, uint32_t *object,
              uint32_t *block)
{
    *block = innermost_block(s, addr);
    *object = object_in(s, *block, addr);
    const bool found = *object != OURO_NONE || *block != OURO_NONE;
    if (*object != OURO_NONE)
        *block = OURO_NONE;
    return found;
}
