/* SPDX-License-Identifier: MIT */
#include "shadow/table.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_ROOM = 16 };

void table_release(struct table *t)
{
    free(t->at);
    *t = (struct table){0};
}

/* What was large is given back: emptying it for each small one that follows
   would cost more than they do. */
void table_clear(struct table *t)
{
    if (t->mask >= LEAST_ROOM)
        table_release(t);
    else if (t->n > 0)
        memset(t->at, 0, LEAST_ROOM * sizeof *t->at);
    t->n = 0;
}

static struct table_entry *find(struct table *t, uint64_t key)
{
    uint64_t i = table_place(t, key);
    while (t->at[i].value != 0 && t->at[i].key != key)
        i = (i + 1) & t->mask;
    return &t->at[i];
}

static void grow(struct table *t)
{
    const struct table old = *t;
    const uint64_t room = old.at ? 2 * (old.mask + 1) : LEAST_ROOM;
    t->at = must_calloc(room, sizeof *t->at);
    t->mask = room - 1;
    t->seed = hash_seed();
    if (!old.at)
        return;
    for (uint64_t i = 0; i <= old.mask; i++)
        if (old.at[i].value != 0)
            *find(t, old.at[i].key) = old.at[i];
    free(old.at);
}

void table_set(struct table *t, uint64_t key, uint64_t value)
{
    if (!t->at || 2 * t->n > t->mask)
        grow(t);
    struct table_entry *e = find(t, key);
    if (e->value == 0)
        t->n++;
    *e = (struct table_entry){key, value};
}

/* Closes the gap: what follows moves up unless it stands at, or behind, the
   place that its key asks for. */
void table_remove(struct table *t, uint64_t key)
{
    if (t->n == 0)
        return;
    uint64_t gap = (uint64_t)(find(t, key) - t->at);
    if (t->at[gap].value == 0)
        return;
    t->n--;
    for (uint64_t i = (gap + 1) & t->mask; t->at[i].value != 0;
         i = (i + 1) & t->mask) {
        const uint64_t wish = table_place(t, t->at[i].key);
        if (((i - wish) & t->mask) >= ((i - gap) & t->mask)) {
            t->at[gap] = t->at[i];
            gap = i;
        }
    }
    t->at[gap].value = 0;
}
