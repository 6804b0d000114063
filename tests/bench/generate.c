/* SPDX-License-Identifier: MIT */
/*
 * generate.c - a recording of as many events as one likes, for what must not
 * grow with them
 *
 *     generate FILE.trace EVENTS
 *
 * One thread with at most SLOTS blocks alive at a time: allocations with stacks
 * of 6 to 20 frames out of some hundred, frees, a realloc for each sixteen of
 * them, and for each 32nd block an object with its references. At its end three
 * blocks are left. It holds one chunk at a time in memory.
 */
#include "build_trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SLOTS = 4096,
    LEFT = 3,
    HEADER = 4096,
    CHUNK = 200 << 10,
    OF_OBJECTS = 32,
    OF_REALLOCS = 16,
    STACKS = 128,
    SHALLOW = 6,
    DEEP = 20,
};

struct slot {
    bool used, object;
    unsigned moves; /* of the block: it goes from one place to another */
};

struct generator {
    struct build b;
    struct slot slots[SLOTS];
    uint64_t stamp, n, dice;
    int fd;
    off_t at; /* in the file */
    unsigned stack;
};

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

static uint64_t roll(struct generator *g, uint64_t below)
{
    g->dice = g->dice * 6364136223846793005u + 1442695040888963407u;
    return (g->dice >> 33) % below;
}

static void write_at(const struct generator *g, const void *bytes, size_t n,
                     off_t at)
{
    if (pwrite(g->fd, bytes, n, at) != (ssize_t)n)
        fail("write");
}

/* The chunk goes into the file, and the next one begins. */
static void begin_chunk(struct generator *g)
{
    build_end_chunk(&g->b);
    write_at(g, g->b.bytes + HEADER, g->b.len - HEADER, g->at);
    g->at += (off_t)(g->b.len - HEADER);
    g->b.len = HEADER;
    build_chunk(&g->b, 1, g->stamp);
}

static uint64_t tick(struct generator *g)
{
    g->n++;
    g->stamp += 20 + roll(g, 200);
    return g->stamp;
}

/* Calls go on from where the last one was, as a rule: stacks whose numbers are
   near have all but their innermost frames in common. */
static void stack(struct generator *g)
{
    uint64_t ips[DEEP];
    g->stack = (unsigned)(roll(g, 8) ? g->stack ^ roll(g, 4) : roll(g, STACKS));
    const uint32_t depth = SHALLOW + g->stack % (DEEP - SHALLOW);
    for (uint32_t i = 0; i < depth; i++) {
        const uint32_t above = depth - 1 - i;
        const unsigned path = above < 8 ? g->stack >> above : 0;
        ips[i] = 0x555500000000 + (uint64_t)path * 4096 + i * 64 + 5;
    }
    build_stack(&g->b, depth, ips);
}

static uint64_t address(const struct generator *g, uint32_t slot)
{
    const unsigned place = g->slots[slot].moves % 2;
    return 0x7f1200000010 + slot * 2048ull + place * 1024ull;
}

static void allocate(struct generator *g, uint32_t slot)
{
    struct slot *s = &g->slots[slot];
    *s = (struct slot){.used = true, .moves = s->moves + 1};
    s->object = roll(g, OF_OBJECTS) == 0;
    stack(g);
    RECORD(&g->b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = tick(g),
           .a = address(g, slot), .size = 16 + roll(g, 60) * 16,
           .has_stack = true);
    if (!s->object)
        return;
    RECORD(&g->b, OURO_REC_NEW, .stamp = tick(g), .a = address(g, slot),
           .text = "Node");
    RECORD(&g->b, OURO_REC_INCREF, .stamp = tick(g), .a = address(g, slot));
    RECORD(&g->b, OURO_REC_LINK, .stamp = tick(g), .a = address(g, slot),
           .text = "self", .b = address(g, slot));
}

static void release(struct generator *g, uint32_t slot)
{
    if (g->slots[slot].object) {
        RECORD(&g->b, OURO_REC_UNLINK, .stamp = tick(g), .a = address(g, slot),
               .text = "self", .b = address(g, slot));
        for (int i = 0; i < 2; i++)
            RECORD(&g->b, OURO_REC_DECREF, .stamp = tick(g),
                   .a = address(g, slot));
        RECORD(&g->b, OURO_REC_DEAD, .stamp = tick(g), .a = address(g, slot));
    }
    RECORD(&g->b, OURO_FREE, .stamp = tick(g), .a = address(g, slot));
    g->slots[slot].used = false;
}

static void move(struct generator *g, uint32_t slot)
{
    stack(g);
    RECORD(&g->b, OURO_REALLOC_BEGIN, .stamp = tick(g), .a = address(g, slot),
           .has_stack = true);
    g->slots[slot].moves++;
    g->stamp += 30;
    RECORD(&g->b, OURO_REALLOC_END, .stamp = g->stamp, .a = address(g, slot),
           .size = 16 + roll(g, 60) * 16, .has_stack = true);
}

static void step(struct generator *g)
{
    const uint32_t slot = (uint32_t)roll(g, SLOTS);
    if (!g->slots[slot].used)
        allocate(g, slot);
    else if (roll(g, OF_REALLOCS) == 0)
        move(g, slot);
    else
        release(g, slot);
    if (g->b.len - g->b.chunk > CHUNK)
        begin_chunk(g);
}

static void generate(struct generator *g, uint64_t events)
{
    const char *const argv[] = {"generated"};
    build_begin(&g->b);
    g->b.seal = true;
    build_chunk(&g->b, 1, 0);
    build_process(&g->b, 0, "/nowhere/generated", "/nowhere", 1, 1, argv);
    while (g->n < events)
        step(g);
    for (uint32_t slot = LEFT; slot < SLOTS; slot++)
        if (g->slots[slot].used)
            release(g, slot);
    for (uint32_t slot = 0; slot < LEFT; slot++)
        if (!g->slots[slot].used)
            allocate(g, slot);
    RECORD(&g->b, OURO_END, .stamp = ++g->stamp, .flags = OURO_END_EXIT);
    begin_chunk(g);
    build_end_chunk(&g->b);
    write_at(g, g->b.bytes + HEADER, g->b.len - HEADER, g->at);
    g->at += (off_t)(g->b.len - HEADER);
    struct ouro_trace_header *h = build_header(&g->b);
    h->end = (uint64_t)g->at;
    h->last_stamp = h->last_ns = g->stamp;
    write_at(g, h, HEADER, 0);
    build_release(&g->b);
}

int main(int argc, char **argv)
{
    static struct generator g;
    if (argc != 3) {
        fputs("usage: generate FILE.trace EVENTS\n", stderr);
        return 2;
    }
    g.fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (g.fd < 0)
        fail(argv[1]);
    g.at = HEADER;
    generate(&g, strtoull(argv[2], NULL, 10));
    if (close(g.fd) != 0)
        fail(argv[1]);
    printf("%llu events\n", (unsigned long long)g.n);
    return 0;
}
