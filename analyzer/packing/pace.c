/* SPDX-License-Identifier: MIT */
#include "packing/pace.h"

#include "arena.h"

#include <stdlib.h>

void pace_add(struct pace *p, uint64_t moment)
{
    GROW(p->moments, p->n, p->room);
    p->moments[p->n++] = moment;
}

static int by_value(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

void pace_ready(struct pace *p)
{
    if (p->n > 1)
        qsort(p->moments, p->n, sizeof *p->moments, by_value);
}

void pace_begin(struct pace *p, uint64_t first_stamp, bool exact)
{
    p->exact = exact || p->tick == 0;
    p->told = first_stamp;
    p->next = 0;
    while (p->next < p->n && p->moments[p->next] < first_stamp)
        p->next++;
}

/* An allocation where nothing is, a free of what is there: nothing waits. */
static bool is_plain(const struct addresses *known, const struct record *r)
{
    const unsigned kind = r->kind & ~(unsigned)OURO_HAS_STACK;
    if (record_is_long(kind))
        return false;
    if (kind >= OURO_ALLOC || kind == OURO_REALLOC_END ||
        kind == OURO_REALLOC_END_ARRAY)
        return !addresses_is_live(known, r->address[0]);
    if (kind == OURO_FREE || kind == OURO_REALLOC_BEGIN)
        return addresses_is_live(known, r->address[0]);
    return kind == OURO_CUT || kind == OURO_REALLOC_FREED;
}

void pace_set(struct pace *p, const struct addresses *known, struct record *r)
{
    const uint64_t stamp = r->stamp;
    if (r->kind == OURO_STACK)
        return;
    bool exact = p->exact || p->told <= p->until;
    for (; p->next < p->n && p->moments[p->next] < stamp; p->next++)
        exact = true;
    if (p->tick > 0 && !is_plain(known, r)) {
        exact = true;
        p->until =
            stamp < UINT64_MAX - p->patience ? stamp + p->patience : UINT64_MAX;
    }
    if (!exact && p->tick > 0)
        r->stamp -= (stamp - p->told) % p->tick;
    p->told = r->stamp;
}

void pace_release(struct pace *p)
{
    free(p->moments);
    *p = (struct pace){0};
}
