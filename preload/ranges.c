/* SPDX-License-Identifier: MIT */
#include "ranges.h"

#include <stddef.h>

bool ranges_add(struct ranges *r, uintptr_t start, uintptr_t end)
{
    if (end <= start)
        return true;
    if (r->n > 0 && r->at[r->n - 1].end == start) {
        r->at[r->n - 1].end = end;
        return true;
    }
    if (r->n == r->room)
        return false;
    r->at[r->n++] = (struct range){start, end};
    return true;
}

/* Lets at[i] sink to its place in the heap of the first n. */
static void sink(struct range *at, uint32_t i, uint32_t n)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child + 1 < n && at[child + 1].start > at[child].start)
            child++;
        if (child >= n || at[child].start <= at[i].start)
            return;
        const struct range down = at[i];
        at[i] = at[child];
        at[child] = down;
        i = child;
    }
}

static void sort(struct range *at, uint32_t n)
{
    for (uint32_t i = n / 2; i > 0; i--)
        sink(at, i - 1, n);
    while (n > 1) {
        const struct range last = at[0];
        at[0] = at[--n];
        at[n] = last;
        sink(at, 0, n);
    }
}

void ranges_settle(struct ranges *r)
{
    uint32_t n = 0;
    sort(r->at, r->n);
    for (uint32_t i = 0; i < r->n; i++) {
        const struct range next = r->at[i];
        if (n > 0 && next.start <= r->at[n - 1].end) {
            if (next.end > r->at[n - 1].end)
                r->at[n - 1].end = next.end;
        } else {
            r->at[n++] = next;
        }
    }
    r->n = n;
}

const struct range *ranges_from(const struct ranges *r, uintptr_t at)
{
    uint32_t low = 0, high = r->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (r->at[middle].end > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low < r->n ? &r->at[low] : NULL;
}
