/* SPDX-License-Identifier: MIT */
/*
 * zones_parts.h - what zones are made of, one layer after the other
 */
#ifndef ANALYZER_SHADOW_ZONES_PARTS_H
#define ANALYZER_SHADOW_ZONES_PARTS_H

#include "shadow/zones.h"

struct zoning {
    struct zones *z;
    const struct trace *t;
    const struct snapshot *s;
    const struct block_index *x;
    const struct sparse *held; /* pages that ever held a block */
};

enum {
    TLS_AROUND = 4096
}; /* bytes before and behind a thread pointer that are
      its thread's, where nothing says how many */

/* The region that holds the address, or OURO_NONE. */
uint32_t zones_region(const struct snapshot *s, uint64_t addr);
/* Is it a piece of the mapping that the region before it is a piece of? What is
   the guest's own is cut out of a mapping, not always in whole pages. */
bool zones_goes_on(const struct snapshot *s, uint32_t region);
/* [*start, *end) of it and of those like it that it touches: one mapping may be
   told in pieces. */
void zones_mapping(const struct snapshot *s, uint32_t region, uint64_t *start,
                   uint64_t *end);

/* The first page's start that is not below the address. */
static inline uint64_t zones_page_behind(uint64_t addr)
{
    const uint64_t mask = PAGE_BYTES - 1;
    return addr > UINT64_MAX - mask ? UINT64_MAX : (addr + mask) & ~mask;
}

void zones_add(struct zone_list *l, struct zone zone);
void zones_sort(struct zone_list *l);

void zones_find_modules(struct zoning *g);
void zones_find_stacks(struct zoning *g);
void zones_find_pages(struct zoning *g);
/* After the pages, some of which it is. */
void zones_find_tls(struct zoning *g);

#endif
