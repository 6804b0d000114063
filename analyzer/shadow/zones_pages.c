/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/zones_parts.h"

#include <stdlib.h>

/* What is passed over on the way through a region. */
struct passing {
    uint64_t at, end;
    uint64_t stop; /* nothing is in the way up to here */
};

static bool pass(struct passing *p, uint64_t start, uint64_t end)
{
    if (end <= p->at)
        return false;
    if (start <= p->at) {
        p->at = end;
        return true;
    }
    if (start < p->stop)
        p->stop = start;
    return false;
}

static bool pass_zone(struct passing *p, const struct zone_list *l,
                      uint32_t *cursor)
{
    while (*cursor < l->n && l->at[*cursor].end <= p->at)
        ++*cursor;
    return *cursor < l->n && pass(p, l->at[*cursor].start, l->at[*cursor].end);
}

static uint64_t page_of(uint64_t addr)
{
    return addr & ~(uint64_t)(PAGE_BYTES - 1);
}

static bool pass_held(struct passing *p, const struct sparse *held)
{
    const uint64_t last = (p->end - 1) >> PAGE_SHIFT;
    const uint64_t page = sparse_next(held, p->at >> PAGE_SHIFT, last + 1);
    if (page > last)
        return false;
    const uint64_t start = page << PAGE_SHIFT;
    return pass(p, start, zones_page_behind(start + 1));
}

struct cursors {
    uint32_t module, thread, large;
};

/* Pages of large blocks are known by the blocks alone. */
static struct zone_list large_blocks(const struct block_index *x)
{
    struct zone_list l = {0};
    for (uint32_t i = 0; i < x->n; i++) {
        const struct block *b = &x->blocks[i];
        if (b->size < CAUGHT_LARGE)
            continue;
        const uint64_t end =
            b->addr > UINT64_MAX - b->size ? UINT64_MAX : b->addr + b->size;
        const uint64_t start = page_of(b->addr);
        if (l.n > 0 && l.at[l.n - 1].end > start) {
            if (zones_page_behind(end) > l.at[l.n - 1].end)
                l.at[l.n - 1].end = zones_page_behind(end);
        } else {
            zones_add(&l, (struct zone){.start = start,
                                        .end = zones_page_behind(end)});
        }
    }
    return l;
}

/* Up to the end of the region before, and on from the start of this one? */
static bool spans(const struct zoning *g, uint64_t start, uint32_t region)
{
    const struct snapshot_region *r = &g->s->regions[region];
    const struct zones *z = g->z;
    if (z->n_pages == 0 || start != r->start || !zones_goes_on(g->s, region))
        return false;
    const struct memory_pages *last = &z->pages[z->n_pages - 1];
    return last->start + last->len == r[-1].start + r[-1].len;
}

static void add_pages(struct zoning *g, uint64_t start, uint64_t end,
                      uint32_t region)
{
    struct zones *z = g->z;
    if (spans(g, start, region)) {
        struct memory_pages *last = &z->pages[z->n_pages - 1];
        last->len = end - last->start;
        return;
    }
    GROW(z->pages, z->n_pages, z->pages_room);
    z->pages[z->n_pages++] = (struct memory_pages){
        .start = start, .len = end - start, .region = region};
}

static void find_in(struct zoning *g, uint32_t region,
                    const struct zone_list *large, struct cursors *c)
{
    const struct snapshot_region *r = &g->s->regions[region];
    struct passing p = {.at = r->start, .end = r->start + r->len};
    /* There was no room to tell all modules: of a file, it may be one's. */
    const bool is_module = r->what == OURO_SNAP_FILE &&
                           g->t->header.flags & OURO_HEADER_MODULES_FULL;
    while (p.at < p.end) {
        p.stop = p.end;
        if (pass_zone(&p, &g->z->modules, &c->module) ||
            pass_zone(&p, &g->z->threads, &c->thread) ||
            pass_zone(&p, large, &c->large) || pass_held(&p, g->held))
            continue;
        if (is_module)
            zones_add(&g->z->base, (struct zone){.start = p.at,
                                                 .end = p.stop,
                                                 .kind = ZONE_MODULE,
                                                 .who = OURO_NONE,
                                                 .block = OURO_NONE});
        else
            add_pages(g, p.at, p.stop, region);
        p.at = p.stop;
    }
}

void zones_find_pages(struct zoning *g)
{
    struct zone_list large = large_blocks(g->x);
    struct cursors c = {0};
    for (uint32_t i = 0; i < g->s->n_regions; i++) {
        const uint8_t what = g->s->regions[i].what;
        if (what != OURO_SNAP_STACK)
            find_in(g, i, &large, &c);
    }
    free(large.at);
}
