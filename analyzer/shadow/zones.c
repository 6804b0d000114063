/* SPDX-License-Identifier: MIT */
#include "shadow/zones.h"

#include "arena.h"
#include "shadow/c_runtime.h"
#include "shadow/zones_parts.h"

#include <stdlib.h>
#include <string.h>

void zones_add(struct zone_list *l, struct zone zone)
{
    if (zone.start >= zone.end)
        return;
    GROW(l->at, l->n, l->room);
    l->at[l->n++] = zone;
}

static int by_start(const void *a, const void *b)
{
    const struct zone *x = a;
    const struct zone *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return (x->who > y->who) - (x->who < y->who);
}

/* Where two overlap the one that begins behind the other has it. */
void zones_sort(struct zone_list *l)
{
    if (l->n > 0)
        qsort(l->at, l->n, sizeof *l->at, by_start);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        struct zone zone = l->at[i];
        if (i + 1 < l->n && l->at[i + 1].start < zone.end)
            zone.end = l->at[i + 1].start;
        if (zone.start < zone.end)
            l->at[n++] = zone;
    }
    l->n = n;
}

const struct zone *zone_at(const struct zone_list *l, uint64_t addr)
{
    uint32_t low = 0;
    uint32_t high = l->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (l->at[middle].end <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->n && l->at[low].start <= addr ? &l->at[low] : NULL;
}

const struct zone *zone_next(const struct zone_list *l, uint32_t *cursor,
                             uint64_t addr)
{
    while (*cursor < l->n && l->at[*cursor].end <= addr)
        ++*cursor;
    return *cursor < l->n && l->at[*cursor].start <= addr ? &l->at[*cursor]
                                                          : NULL;
}

uint32_t zones_region(const struct snapshot *s, uint64_t addr)
{
    const uint32_t region = snapshot_region_at(s, addr);
    return region < s->n_regions ? region : OURO_NONE;
}

bool zones_goes_on(const struct snapshot *s, uint32_t region)
{
    const struct snapshot_region *b = &s->regions[region];
    if (region == 0)
        return false;
    const struct snapshot_region *a = b - 1;
    const uint64_t end = a->start + a->len;
    const bool touches =
        end == b->start || end % PAGE_BYTES != 0 || b->start % PAGE_BYTES != 0;
    return touches && a->what == b->what && strcmp(a->path, b->path) == 0;
}

void zones_mapping(const struct snapshot *s, uint32_t region, uint64_t *start,
                   uint64_t *end)
{
    const struct snapshot_region *r = s->regions;
    uint32_t i = region;
    while (zones_goes_on(s, i))
        i--;
    *start = r[i].start;
    i = region;
    while (i + 1 < s->n_regions && zones_goes_on(s, i + 1))
        i++;
    *end = r[i].start + r[i].len;
}

/* The module of an allocator that is not the C library's; the program itself
   has data of its own. */
static const struct module *allocator_of(const struct zoning *g)
{
    const struct module *m = trace_module(g->t, g->s->malloc_at, g->s->epoch);
    if (!m || path_is_c_runtime(m->path) || strcmp(m->path, g->t->exe) == 0)
        return NULL;
    return m;
}

/* The rest of a module's last page is nobody else's. */
void zones_find_modules(struct zoning *g)
{
    const struct trace *t = g->t;
    const struct module *allocator = allocator_of(g);
    for (uint32_t i = 0; i < t->n_modules; i++) {
        const struct module *m = &t->modules[i];
        if (m->epoch > g->s->epoch || m->gone <= g->s->epoch)
            continue;
        const enum zone_kind kind = m == allocator ? ZONE_ALLOCATOR
                                    : path_is_c_runtime(m->path) ? ZONE_RUNTIME
                                                                 : ZONE_MODULE;
        zones_add(&g->z->modules,
                  (struct zone){.start = m->start,
                                .end = zones_page_behind(m->end),
                                .kind = kind,
                                .who = i,
                                .block = OURO_NONE});
    }
    zones_sort(&g->z->modules);
}

static void find_hidden(struct zoning *g)
{
    const struct snapshot *s = g->s;
    for (uint32_t i = 0; s->tls_len > 0 && i < s->n_threads; i++) {
        const uint64_t start = s->threads[i].tp + (uint64_t)s->tls;
        if (s->threads[i].tp == 0 || start > UINT64_MAX - s->tls_len)
            continue;
        zones_add(&g->z->hidden, (struct zone){.start = start,
                                               .end = start + s->tls_len,
                                               .kind = ZONE_HIDDEN,
                                               .who = i,
                                               .block = OURO_NONE});
    }
    zones_sort(&g->z->hidden);
}

static void find_base(struct zones *z)
{
    for (uint32_t i = 0; i < z->modules.n; i++)
        zones_add(&z->base, z->modules.at[i]);
    for (uint32_t i = 0; i < z->n_pages; i++)
        zones_add(&z->base,
                  (struct zone){.start = z->pages[i].start,
                                .end = z->pages[i].start + z->pages[i].len,
                                .kind = ZONE_PAGES,
                                .who = i,
                                .block = OURO_NONE});
    zones_sort(&z->base);
}

void zones_make(struct zones *z, const struct trace *t,
                const struct snapshot *s, const struct block_index *x,
                const struct sparse *held)
{
    *z = (struct zones){0};
    struct zoning g = {.z = z, .t = t, .s = s, .x = x, .held = held};
    zones_find_modules(&g);
    zones_find_stacks(&g);
    zones_find_pages(&g);
    zones_find_tls(&g);
    find_hidden(&g);
    find_base(z);
}

void zones_release(struct zones *z)
{
    free(z->hidden.at);
    free(z->threads.at);
    free(z->base.at);
    free(z->modules.at);
    free(z->pages);
    *z = (struct zones){0};
}
