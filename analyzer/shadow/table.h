/* SPDX-License-Identifier: MIT */
/*
 * table.h - a number for a number: open addressing, with a secret key
 *
 * Keys come from a trace, which may be hostile: the hash is keyed anew in each
 * run, so that nobody can choose keys that collide. No output may depend on the
 * order of a table. A value is never 0: 0 means that the key is not there.
 */
#ifndef ANALYZER_SHADOW_TABLE_H
#define ANALYZER_SHADOW_TABLE_H

#include "trace/hash.h"

#include <stdint.h>

struct table_entry {
    uint64_t key, value;
};

/* All zero is an empty table. */
struct table {
    struct table_entry *at;
    uint64_t mask; /* room - 1 */
    uint64_t n;
    uint64_t seed;
};

void table_release(struct table *t);
/* Forgets all keys; for many small tables, one after the other. */
void table_clear(struct table *t);
void table_set(struct table *t, uint64_t key, uint64_t value);
void table_remove(struct table *t, uint64_t key);

/* Four neighbours share a cache line: addresses come in neighbourhoods. */
static inline uint64_t table_place(const struct table *t, uint64_t key)
{
    return (hash_pair(t->seed, key >> 2, 0) >> 30 << 2 | (key & 3)) & t->mask;
}

static inline uint64_t table_get(const struct table *t, uint64_t key)
{
    if (t->n == 0)
        return 0;
    for (uint64_t i = table_place(t, key);; i = (i + 1) & t->mask) {
        if (t->at[i].value == 0 || t->at[i].key == key)
            return t->at[i].value;
    }
}

#endif
