/* SPDX-License-Identifier: MIT */
/*
 * idle_cells SEED ROUNDS - preload/idle.c against a byte for each unit of
 * memory: random heaps, pages that are there, free pieces and ranges that are
 * asked for. Says how many cells were idle.
 */
#include "idle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096, MOST_PAGES = 40, UNITS = MOST_PAGES * PAGE / IDLE_UNIT };

static const uintptr_t base = 0x555555570000;
static uint64_t state, seed;
static struct idle cells;
static unsigned char is_free[UNITS], is_there[MOST_PAGES];

static uint64_t below(uint64_t n)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % n;
}

static _Noreturn void fail(const char *what, uintptr_t at)
{
    fprintf(stderr, "seed %" PRIu64 ": at +%" PRIuPTR ": %s\n", seed, at - base,
            what);
    exit(1);
}

/* By the letter: a page that is there, with nothing in use. */
static bool is_idle(uintptr_t at)
{
    const uintptr_t page = (at - base) / PAGE;
    if (at < base || at >= cells.heap.end || !is_there[page])
        return false;
    for (uintptr_t i = 0; i < PAGE / IDLE_UNIT; i++)
        if (!is_free[page * PAGE / IDLE_UNIT + i])
            return false;
    return true;
}

static void set_up(void)
{
    const uintptr_t pages = 1 + below(MOST_PAGES);
    memset(&cells, 0, sizeof cells);
    memset(is_free, 0, sizeof is_free);
    memset(is_there, 0, sizeof is_there);
    idle_begin(&cells, (struct range){base, base + pages * PAGE}, PAGE);
    for (uintptr_t i = 0; i < pages; i++)
        if (below(8) > 0) {
            is_there[i] = 1;
            idle_there(&cells,
                       (struct range){base + i * PAGE, base + (i + 1) * PAGE});
        }
}

/* Pieces that follow on each other, most of them free. */
static void add_pieces(void)
{
    const uintptr_t longest = below(2) ? 32 : 1500;
    uintptr_t at = base + IDLE_UNIT * below(8);
    for (;;) {
        const uintptr_t len = IDLE_UNIT * (1 + below(longest));
        if (len > cells.heap.end - at)
            return;
        if (below(100) > 0) {
            memset(is_free + (at - base) / IDLE_UNIT, 1, len / IDLE_UNIT);
            if (!idle_add(&cells, at, len))
                fail("no damage, and it is found", at);
        }
        at += len;
    }
}

static size_t check_range(struct range in)
{
    size_t n = 0;
    struct range busy;
    for (uintptr_t at = in.start; at < in.end; at = busy.end) {
        const bool more = idle_next(&cells, (struct range){at, in.end}, &busy);
        if (!more)
            busy = (struct range){in.end, in.end};
        if (busy.start < at || busy.end > in.end || busy.start > busy.end)
            fail("out of the range", busy.start);
        for (; at < busy.start; at += IDLE_UNIT, n++)
            if (!is_idle(at))
                fail("in use, and left out", at);
        for (; at < busy.end; at += IDLE_UNIT)
            if (is_idle(at))
                fail("idle, and told", at);
    }
    return n * IDLE_UNIT / PAGE;
}

static size_t check_once(void)
{
    set_up();
    add_pieces();
    const size_t n = check_range(
        (struct range){base - 2 * PAGE, base + (MOST_PAGES + 2) * PAGE});
    for (int i = 0; i < 8; i++) {
        const uintptr_t from = base + IDLE_UNIT * below(UNITS);
        check_range((struct range){from, from + IDLE_UNIT * below(UNITS)});
    }
    return n;
}

/* The same free memory twice, where it is there. */
static void check_damage(void)
{
    struct range busy;
    const struct range all = {base, base + PAGE};
    memset(&cells, 0, sizeof cells);
    idle_begin(&cells, all, PAGE);
    idle_there(&cells, all);
    idle_add(&cells, base, PAGE);
    if (idle_next(&cells, all, &busy))
        fail("idle, and told", base);
    if (idle_add(&cells, base + PAGE / 2, IDLE_UNIT))
        fail("damage is not found", base);
    if (!idle_next(&cells, all, &busy) || busy.end != all.end)
        fail("a damaged heap is left out", base);
}

int main(int argc, char **argv)
{
    size_t n = 0;
    if (argc < 3)
        return 2;
    const uint64_t rounds = strtoul(argv[2], NULL, 10);
    for (uint64_t i = 0; i < rounds; i++) {
        seed = strtoul(argv[1], NULL, 10) + i;
        state = seed;
        n += check_once();
    }
    check_damage();
    printf("%zu\n", n);
    return 0;
}
