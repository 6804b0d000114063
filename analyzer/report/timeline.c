/* SPDX-License-Identifier: MIT */
#include "report/timeline.h"

#include "arena.h"

#include <stdlib.h>

enum { DETAILED_EVERY = 11 };

__extension__ typedef unsigned __int128 wide;

void timeline_init(struct timeline *l, uint64_t first, uint64_t last,
                   uint64_t peak_bytes)
{
    *l = (struct timeline){
        .first = first,
        .last = last > first ? last : first,
        .peak_bytes = peak_bytes,
    };
}

static void take_rows(struct timeline_point *p, const struct usage *now)
{
    p->rows = must_calloc(now->n, sizeof *p->rows);
    for (uint32_t i = 0; i < now->n; i++) {
        const struct usage_row *row = &now->rows[i];
        if (row->value[INUSE_SPACE] > 0)
            p->rows[p->n++] =
                (struct timeline_row){row->stack, row->value[INUSE_SPACE]};
    }
}

static void add(struct timeline *l, uint64_t stamp, bool is_peak,
                bool is_detailed, const struct usage *now)
{
    struct timeline_point *p = &l->at[l->n++];
    p->stamp = stamp;
    p->bytes = now->total[INUSE_SPACE];
    p->is_peak = is_peak;
    p->is_detailed = is_detailed;
    if (is_detailed)
        take_rows(p, now);
}

static uint64_t stamp_of(const struct timeline *l, uint32_t k)
{
    return l->first +
           (uint64_t)((wide)(l->last - l->first) * k / (TIMELINE_EVEN - 1));
}

static void add_even(struct timeline *l, const struct usage *now)
{
    const uint32_t k = l->n_even++;
    add(l, stamp_of(l, k), false, k % DETAILED_EVERY == DETAILED_EVERY - 1,
        now);
}

static void before(void *to, uint64_t stamp, const struct usage *now)
{
    struct timeline *l = to;
    while (l->n_even < TIMELINE_EVEN && stamp_of(l, l->n_even) < stamp)
        add_even(l, now);
}

static void after(void *to, uint64_t stamp, const struct usage *now)
{
    struct timeline *l = to;
    if (l->peak_seen || now->total[INUSE_SPACE] != l->peak_bytes)
        return;
    l->peak_seen = true;
    add(l, stamp, true, true, now);
}

struct usage_watch timeline_watch(struct timeline *l)
{
    return (struct usage_watch){l, before, after};
}

void timeline_finish(struct timeline *l, const struct usage *at_end)
{
    while (l->n_even < TIMELINE_EVEN)
        add_even(l, at_end);
}

void timeline_release(struct timeline *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        free(l->at[i].rows);
    *l = (struct timeline){0};
}
