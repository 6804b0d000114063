/* SPDX-License-Identifier: MIT */
#include "fold/spoken.h"

#include "ouro_trace.h"

enum {
    LINE_SHIFT = 4,
    PAGE_SHIFT = 12,
    MOST = 4096, /* are looked at one by one */
};

void spoken_release(struct spoken *s)
{
    table_release(&s->lines);
    table_release(&s->pages);
}

static void note(struct spoken *s, uint64_t addr)
{
    if (addr == 0 || table_get(&s->lines, addr >> LINE_SHIFT))
        return;
    table_set(&s->lines, addr >> LINE_SHIFT, 1);
    table_set(&s->pages, addr >> PAGE_SHIFT, 1);
}

void spoken_note(struct spoken *s, const struct event *e)
{
    note(s, e->a);
    note(s, e->b);
    if (e->kind == OURO_REC_LINK_AT)
        note(s, e->size);
}

static bool has_any(const struct table *t, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; i <= last; i++)
        if (table_get(t, i))
            return true;
    return false;
}

bool spoken_is_in(const struct spoken *s, uint64_t addr, uint64_t size)
{
    const uint64_t last = addr + (size ? size - 1 : 0);
    if (s->lines.n == 0)
        return false;
    if (last >= addr && (last - addr) >> LINE_SHIFT < MOST)
        return has_any(&s->lines, addr >> LINE_SHIFT, last >> LINE_SHIFT);
    if (last >= addr && (last - addr) >> PAGE_SHIFT < MOST)
        return has_any(&s->pages, addr >> PAGE_SHIFT, last >> PAGE_SHIFT);
    return true;
}
