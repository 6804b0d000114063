/* SPDX-License-Identifier: MIT */
#include "shadow/block_index.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 21,
    DENSE = 32,       /* blocks that make a chunk worth its memory */
    NESTED_MOST = 64, /* blocks in blocks that are looked through */
};

static uint64_t end_of(const struct block *b)
{
    const uint64_t len = b->size ? b->size : 1;
    return b->addr > UINT64_MAX - len ? UINT64_MAX : b->addr + len;
}

/* Blocks that reach beyond the one at hand, outermost first. */
struct open {
    uint32_t *at;
    uint32_t n, room;
};

static uint32_t nearest(struct block_index *x, struct open *open, uint32_t i)
{
    while (open->n > 0 &&
           end_of(&x->blocks[open->at[open->n - 1]]) <= x->blocks[i].addr)
        open->n--;
    const uint32_t by = open->n == 0 || open->n > NESTED_MOST
                            ? OURO_NONE
                            : open->at[open->n - 1];
    GROW(open->at, open->n, open->room);
    open->at[open->n++] = i;
    return by;
}

static void find_around(struct block_index *x)
{
    struct open open = {0};
    for (uint32_t i = 0; i < x->n; i++) {
        const uint64_t end = end_of(&x->blocks[i]);
        if (end > x->end)
            x->end = end;
        const uint32_t by = nearest(x, &open, i);
        if (by == OURO_NONE)
            continue;
        if (!x->around) {
            x->around = must_realloc(NULL, x->n, sizeof *x->around);
            memset(x->around, 0xff, x->n * sizeof *x->around);
        }
        x->around[i] = by;
    }
    free(open.at);
}

static void add_chunk(struct block_index *x, uint32_t from, uint32_t end)
{
    const uint64_t number = x->blocks[from].addr >> CHUNK;
    GROW(x->chunks, x->n_chunks, x->room);
    struct block_chunk *c = &x->chunks[x->n_chunks++];
    uint32_t page = 0;
    for (uint32_t i = from; i < end; i++) {
        const uint32_t of = x->blocks[i].addr >> PAGE_SHIFT & (CHUNK_PAGES - 1);
        while (page <= of)
            c->first[page++] = i;
    }
    while (page <= CHUNK_PAGES)
        c->first[page++] = end;
    table_set(&x->chunk_of, number, x->n_chunks);
}

void block_index_make(struct block_index *x, const struct block *blocks,
                      uint32_t n)
{
    *x = (struct block_index){.blocks = blocks, .n = n};
    x->in_page = must_calloc(n, sizeof *x->in_page);
    for (uint32_t i = 0; i < n; i++)
        x->in_page[i] = blocks[i].addr & (PAGE_BYTES - 1);
    find_around(x);
    uint32_t end;
    for (uint32_t from = 0; from < n; from = end) {
        const uint64_t number = blocks[from].addr >> CHUNK;
        end = from;
        while (end < n && blocks[end].addr >> CHUNK == number)
            end++;
        if (end - from >= DENSE)
            add_chunk(x, from, end);
    }
}

void block_index_release(struct block_index *x)
{
    free(x->in_page);
    free(x->around);
    free(x->chunks);
    table_release(&x->chunk_of);
    *x = (struct block_index){0};
}

/* In [low, high), of blocks that begin in the page of the address. */
static uint32_t up_to_in_page(const struct block_index *x, uint64_t addr,
                              uint32_t low, uint32_t high)
{
    const uint16_t in_page = addr & (PAGE_BYTES - 1);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (x->in_page[middle] <= in_page)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t up_to(const struct block_index *x, uint64_t addr)
{
    uint32_t low = 0;
    uint32_t high = x->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (x->blocks[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many begin at or before the address; *start: the last of them there. */
static uint32_t find(const struct block_index *x, uint64_t addr, bool *start)
{
    const uint64_t chunk = table_get(&x->chunk_of, addr >> CHUNK);
    if (chunk) {
        const uint32_t *first = x->chunks[chunk - 1].first;
        const uint32_t page = addr >> PAGE_SHIFT & (CHUNK_PAGES - 1);
        const uint32_t n = up_to_in_page(x, addr, first[page], first[page + 1]);
        *start =
            n > first[page] && x->in_page[n - 1] == (addr & (PAGE_BYTES - 1));
        return n;
    }
    const uint32_t n = up_to(x, addr);
    *start = n > 0 && x->blocks[n - 1].addr == addr;
    return n;
}

uint32_t block_index_up_to(const struct block_index *x, uint64_t addr)
{
    bool start;
    return find(x, addr, &start);
}

uint32_t block_index_find(const struct block_index *x, uint64_t addr,
                          bool *start)
{
    *start = false;
    if (x->n == 0 || addr < x->blocks[0].addr || addr >= x->end)
        return OURO_NONE;
    uint32_t i = find(x, addr, start) - 1;
    if (*start)
        return i;
    while (i != OURO_NONE && !block_holds(&x->blocks[i], addr))
        i = block_index_around(x, i);
    return i;
}

uint32_t block_index_holding(const struct block_index *x, uint64_t addr)
{
    bool start;
    return block_index_find(x, addr, &start);
}

static bool holds_word(const struct block *b, uint64_t at)
{
    return b->size >= 8 && at - b->addr <= b->size - 8;
}

uint32_t block_index_of_word(const struct block_index *x, uint32_t *cursor,
                             uint64_t at)
{
    while (*cursor < x->n && x->blocks[*cursor].addr <= at)
        ++*cursor;
    if (*cursor == 0)
        return OURO_NONE;
    uint32_t i = *cursor - 1;
    while (i != OURO_NONE && !holds_word(&x->blocks[i], at))
        i = block_index_around(x, i);
    return i;
}
