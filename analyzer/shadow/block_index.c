/* SPDX-License-Identifier: MIT */
#include "shadow/block_index.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 12,
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
        const uint32_t of = x->blocks[i].addr >> PAGE & (CHUNK_PAGES - 1);
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
    free(x->around);
    free(x->chunks);
    table_release(&x->chunk_of);
    *x = (struct block_index){0};
}

uint32_t block_index_up_to(const struct block_index *x, uint64_t addr)
{
    uint32_t low = 0;
    uint32_t high = x->n;
    const uint64_t chunk = table_get(&x->chunk_of, addr >> CHUNK);
    if (chunk) {
        const uint32_t *first = x->chunks[chunk - 1].first;
        const uint32_t page = addr >> PAGE & (CHUNK_PAGES - 1);
        low = first[page];
        high = first[page + 1];
    }
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (x->blocks[middle].addr <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t block_index_holding(const struct block_index *x, uint64_t addr)
{
    if (x->n == 0 || addr < x->blocks[0].addr || addr >= x->end)
        return OURO_NONE;
    uint32_t i = block_index_up_to(x, addr) - 1;
    while (i != OURO_NONE && !block_holds(&x->blocks[i], addr))
        i = block_index_around(x, i);
    return i;
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
