/* SPDX-License-Identifier: MIT */
/*
 * meant.h - which objects and blocks a person means by a word
 *
 *   0x5581aa02          the object there; inside a block, the object that lives
 *                       in that block; else the block itself
 *   Session             every object of that type
 *   main                every object with that label
 *   Session:main        both; also as reports write it: Session "main"
 */
#ifndef ANALYZER_EXPLAIN_MEANT_H
#define ANALYZER_EXPLAIN_MEANT_H

#include "shadow/shadow.h"

struct meant {
    const char *text;
    bool is_address;
    uint64_t addr;
};

struct meant meant_parse(const char *text);

/* Of what died, too. `bytes` is its own size, or its block's. */
bool meant_is_named(const struct meant *m, const char *type, const char *label);
bool meant_is_at(const struct meant *m, uint64_t addr, uint64_t bytes);

/* What lives at the address at the end: an object (*block is OURO_NONE), or a
   block in which none does; false: neither. */
bool meant_at(const struct shadow *s, uint64_t addr, uint32_t *object,
              uint32_t *block);

#endif
