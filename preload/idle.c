/* SPDX-License-Identifier: MIT */
#include "idle.h"

enum { SHIFT_MOST = 18 }; /* as 16 bits count the units */

void idle_begin(struct idle *i, struct range heap, uintptr_t page)
{
    i->shift = (unsigned)__builtin_ctzl(page);
    while (i->shift < SHIFT_MOST &&
           (heap.end - heap.start) >> i->shift >= IDLE_CELLS)
        i->shift++;
    if ((heap.end - heap.start) >> i->shift >= IDLE_CELLS)
        heap.end = heap.start;
    i->heap = heap;
}

void idle_there(struct idle *i, struct range run)
{
    const uintptr_t cell = (uintptr_t)1 << i->shift;
    uintptr_t from = (run.start - i->heap.start + cell - 1) >> i->shift;
    const uintptr_t end = (run.end - i->heap.start) >> i->shift;
    for (; from < end; from++)
        i->filled[from] = 1;
}

static bool is_idle(const struct idle *i, uintptr_t at)
{
    return !i->is_damaged && at - i->heap.start < i->heap.end - i->heap.start &&
           i->filled[(at - i->heap.start) >> i->shift] ==
               1 + ((uintptr_t)1 << i->shift) / IDLE_UNIT;
}

static uintptr_t next_cell(const struct idle *i, uintptr_t at)
{
    const uintptr_t cell = (uintptr_t)1 << i->shift;
    return at + cell - ((at - i->heap.start) & (cell - 1));
}

bool idle_next(const struct idle *i, struct range in, struct range *busy)
{
    *busy = in;
    if (in.end <= i->heap.start || in.start >= i->heap.end)
        return in.start < in.end;
    while (busy->start < in.end && is_idle(i, busy->start))
        busy->start = next_cell(i, busy->start);
    if (busy->start >= in.end)
        return false;
    busy->end = busy->start;
    while (busy->end < in.end && !is_idle(i, busy->end))
        busy->end = busy->end < i->heap.start ? i->heap.start
                    : busy->end < i->heap.end ? next_cell(i, busy->end)
                                              : in.end;
    if (busy->end > in.end)
        busy->end = in.end;
    return true;
}
