/* SPDX-License-Identifier: MIT */
/*
 * slow_memory.h - a memory as a program would leave it, and the rules of
 * shadow/memory.h word by word: every question is answered by looking at all
 * there is
 *
 * The world is said to a trace and kept here at the same time; nothing of the
 * tool is asked.
 */
#ifndef TESTS_SLOW_MEMORY_H
#define TESTS_SLOW_MEMORY_H

#include "memory_kit.h"

enum {
    SLOW_BLOCKS = 128,
    SLOW_REGIONS = 16,
    SLOW_WORDS = 4096,
    SLOW_THREADS = 4,
    SLOW_NODES = 512,
    NOBODY = -1,
};

struct slow_block {
    uint64_t addr, size;
    uint64_t moved_to; /* where it is at the end */
    unsigned entry;
    int depth;
    bool ignored, pool;
    bool then, now;        /* is it alive? */
    unsigned thread, when; /* who asked for it last, and when */
};

/* What an allocation did to the pages. */
struct slow_page_event {
    uint64_t addr, size;
};

struct slow_region {
    uint64_t start, end;
    unsigned what;
    const char *path;
};

enum slow_module { NO_MODULE, OF_PROGRAM, OF_LIBC, OF_ALLOCATOR };

struct slow_thread {
    unsigned number, seen;
    uint64_t sp, sure, tp;
    uint64_t start, end;         /* of its stack, as it truly is */
    int block;                   /* that the stack is in, or NOBODY */
    uint64_t tls_start, tls_end; /* where it is not in the stack; or 0 */
    unsigned n;
    uint64_t registers[4];
};

static struct slow_memory {
    int n_blocks, n_regions, n_words, n_threads, n_events, n_objects;
    struct slow_block blocks[SLOW_BLOCKS];
    struct slow_region regions[SLOW_REGIONS];
    struct snapshot_word words[SLOW_WORDS];
    struct slow_thread threads[SLOW_THREADS];
    struct slow_page_event events[SLOW_BLOCKS * 2];
    uint64_t objects[SLOW_BLOCKS];
    bool has_allocator;          /* malloc is in a module of its own */
    uint64_t hidden, hidden_len; /* of its thread-local storage, from tp down */
    bool may_miss;
    /* the answer: by node, blocks first as they are here, then runs of pages */
    int n_nodes, n_runs;
    uint64_t runs[SLOW_NODES]; /* where they begin */
    int edge[SLOW_NODES][SLOW_NODES], root[SLOW_NODES], level[SLOW_NODES];
    unsigned unseen[SLOW_BLOCKS];
} slow;

static inline int slow_holding(uint64_t addr, uint64_t bytes)
{
    int best = NOBODY;
    for (int i = 0; i < slow.n_blocks; i++) {
        const struct slow_block *b = &slow.blocks[i];
        const uint64_t size = b->size ? b->size : bytes == 1 ? 1 : 0;
        if (!b->then || addr < b->addr || addr - b->addr + bytes > size)
            continue;
        if (best == NOBODY || b->addr > slow.blocks[best].addr ||
            (b->addr == slow.blocks[best].addr &&
             b->depth > slow.blocks[best].depth))
            best = i;
    }
    return best;
}

static inline uint64_t slow_word(uint64_t at)
{
    for (int i = 0; i < slow.n_words; i++)
        if (slow.words[i].at == at)
            return slow.words[i].value;
    return 0;
}

#define ALLOCATOR      UINT64_C(0x7f2000000000)
#define ALLOCATOR_DATA UINT64_C(0x7f2000010000)

static inline enum slow_module slow_module(uint64_t addr)
{
    if (addr >= PROGRAM && addr < DATA + 16 * PAGE)
        return OF_PROGRAM;
    if (addr >= LIBC && addr < LIBC_DATA + 16 * PAGE)
        return OF_LIBC;
    if (addr >= ALLOCATOR && addr < ALLOCATOR_DATA + PAGE)
        return slow.has_allocator ? OF_ALLOCATOR : OF_PROGRAM;
    return NO_MODULE;
}

static inline bool slow_touches(const struct slow_block *b, uint64_t page)
{
    return b->addr < page + PAGE && b->addr + (b->size ? b->size : 1) > page;
}

/* Did it ever hold a block, of those that tell? */
static inline bool slow_is_held(uint64_t page)
{
    bool held = false;
    for (int i = 0; i < slow.n_events; i++) {
        const struct slow_page_event *e = &slow.events[i];
        const struct slow_block b = {.addr = e->addr, .size = e->size};
        if (!slow_touches(&b, page))
            continue;
        if (e->size < 65536)
            held = true;
        else
            held = page < e->addr && e->addr - page > 64;
    }
    for (int i = 0; i < slow.n_blocks; i++)
        if (slow.blocks[i].then && slow.blocks[i].size >= 65536 &&
            slow_touches(&slow.blocks[i], page))
            held = true;
    return held;
}

/* The thread whose stack or thread-local storage it is in, or NOBODY. */
static inline int slow_thread_at(uint64_t addr)
{
    for (int i = 0; i < slow.n_threads; i++) {
        const struct slow_thread *t = &slow.threads[i];
        if ((addr >= t->start && addr < t->end) ||
            (addr >= t->tls_start && addr < t->tls_end))
            return i;
    }
    return NOBODY;
}

static inline const struct slow_region *slow_region_at(uint64_t addr)
{
    for (int i = 0; i < slow.n_regions; i++)
        if (addr >= slow.regions[i].start && addr < slow.regions[i].end)
            return &slow.regions[i];
    return NULL;
}

static inline bool slow_is_pages(uint64_t addr)
{
    const struct slow_region *r = slow_region_at(addr);
    return r && r->what != OURO_SNAP_STACK && slow_module(addr) == NO_MODULE &&
           slow_thread_at(addr) == NOBODY && !slow_is_held(addr & ~(PAGE - 1));
}

/* The run of pages that it is in, as a node; or NOBODY. */
static inline int slow_run_at(uint64_t addr)
{
    if (!slow_is_pages(addr))
        return NOBODY;
    uint64_t start = addr & ~(PAGE - 1);
    while (slow_is_pages(start - 1) &&
           slow_region_at(start - 1) == slow_region_at(addr))
        start -= PAGE;
    for (int i = 0; i < slow.n_runs; i++)
        if (slow.runs[i] == start)
            return slow.n_blocks + i;
    slow.runs[slow.n_runs++] = start;
    return slow.n_blocks + slow.n_runs - 1;
}

/* 0 nothing, 1 perhaps, 2 surely; *start: at the start of something. */
static inline int slow_aim(uint64_t value, int *to, bool *start)
{
    *start = false;
    *to = slow_holding(value, 1);
    if (*to == NOBODY) {
        *to = slow_run_at(value);
        return *to == NOBODY ? 0 : 2;
    }
    const struct slow_block *b = &slow.blocks[*to];
    *start = b->addr == value;
    for (int i = 0; i < slow.n_objects; i++)
        *start |= slow.objects[i] == value;
    if (*start)
        return 2;
    if (b->addr % 8 != 0 || value % 8 != 0)
        return 1;
    const bool has_first = slow_holding(b->addr, 8) == *to;
    const bool has_second = slow_holding(b->addr + 8, 8) == *to;
    const uint64_t first = has_first ? slow_word(b->addr) : 0;
    const uint64_t second = has_second ? slow_word(b->addr + 8) : 0;
    const uint64_t offset = value - b->addr;
    const bool array = b->entry == OURO_ENTRY_NEW_ARRAY ||
                       b->entry == OURO_ENTRY_NEW_ARRAY_NOTHROW;
    if (offset == 24 && first <= second && 24 + second + 1 == b->size)
        return 2;
    if (offset == 8 && first != 0 && first == b->size - 8)
        return 2;
    if (offset == 8 && first != 0 && array && (b->size - 8) % first == 0)
        return 2;
    if (slow_module(first) && slow_holding(value, 8) == *to &&
        slow_module(slow_word(value)))
        return 2;
    return 1;
}

static inline void slow_root(int to, int level)
{
    if (slow.root[to] < level)
        slow.root[to] = level;
}

/* What a word in the stack or thread-local storage of t says at most. */
static inline int slow_stack_level(const struct slow_thread *t, uint64_t at)
{
    if (at >= t->tls_start && at < t->tls_end)
        return 2;
    if (t->sp == 0)
        return t->tp && at + 4096 >= t->tp ? 2 : 1;
    return at >= t->sure ? 2 : at >= t->sp ? 1 : 0;
}

/* The thread in whose storage of the allocator it is, or NOBODY. */
static inline int slow_hidden_at(uint64_t at)
{
    for (int i = 0; i < slow.n_threads && slow.hidden_len > 0; i++) {
        const uint64_t start = slow.threads[i].tp - slow.hidden;
        if (slow.threads[i].tp && at >= start && at < start + slow.hidden_len)
            return i;
    }
    return NOBODY;
}

static inline int least(int a, int b)
{
    return a < b ? a : b;
}

/* A word that points at something. */
struct slow_sight {
    int to, from; /* from: NOBODY: no node */
    int level;    /* as an edge or a root: 0, it does not count */
    bool perhaps; /* it is only perhaps a pointer */
    int thread;   /* in whose stack or storage it is, or NOBODY */
    enum memory_place place;
};

static inline void slow_see_thread(struct slow_sight *s, uint64_t at, int sure)
{
    const struct slow_thread *t = &slow.threads[s->thread];
    const int level = slow_stack_level(t, at);
    const bool tls =
        (at >= t->tls_start && at < t->tls_end) || (t->sp == 0 && level == 2);
    if (level == 2 && t->tp && at == t->tp + 8)
        sure = 2;
    s->place = tls ? MEMORY_IN_TLS : MEMORY_IN_STACK;
    s->level = least(level, sure);
    s->perhaps = sure < 2 || level == 1;
}

static inline void slow_see_module(struct slow_sight *s, uint64_t at,
                                   bool start)
{
    const int sure = s->perhaps ? 1 : 2;
    s->place = MEMORY_IN_MODULE;
    switch (slow_module(at)) {
    case OF_PROGRAM:
        s->level = sure;
        break;
    case OF_LIBC:
        s->level = start ? 2 : 0;
        break;
    case OF_ALLOCATOR:
        break;
    case NO_MODULE:
        s->place = MEMORY_IN_FREE;
        s->level = slow.may_miss ? 1 : 0;
        s->perhaps |= slow.may_miss;
        break;
    }
}

/* False: it points at nothing, or at the node that it is in. */
static inline bool slow_see(const struct snapshot_word *w, struct slow_sight *s)
{
    bool start;
    *s = (struct slow_sight){.from = NOBODY, .thread = NOBODY};
    const int sure = slow_aim(w->value, &s->to, &start);
    const int block = slow_holding(w->at, 8);
    const int thread = slow_thread_at(w->at);
    const int hidden = slow_hidden_at(w->at);
    s->perhaps = sure == 1;
    if (hidden != NOBODY) {
        s->thread = hidden;
        s->place = MEMORY_IN_TLS;
    } else if (thread != NOBODY &&
               (block == NOBODY || block == slow.threads[thread].block)) {
        s->thread = thread;
        slow_see_thread(s, w->at, sure);
    } else if (block != NOBODY || slow_is_pages(w->at)) {
        s->from = block != NOBODY ? block : slow_run_at(w->at);
        s->place = block != NOBODY ? MEMORY_IN_BLOCK : MEMORY_IN_PAGES;
        s->level = sure;
    } else {
        slow_see_module(s, w->at, start);
    }
    return sure > 0 && s->from != s->to;
}

static inline void slow_draw(const struct slow_sight *s)
{
    if (s->from == NOBODY)
        slow_root(s->to, s->level);
    else if (slow.edge[s->from][s->to] < s->level)
        slow.edge[s->from][s->to] = s->level;
}

static inline void slow_flood(void)
{
    for (int i = 0; i < slow.n_nodes; i++)
        slow.level[i] = slow.root[i];
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < slow.n_nodes; i++)
            for (int k = 0; k < slow.n_nodes; k++) {
                const int level = least(slow.level[i], slow.edge[i][k]);
                if (level > slow.level[k]) {
                    slow.level[k] = level;
                    more = true;
                }
            }
    }
}

/* Is it among the last 16 that its thread asked for? */
static inline bool slow_is_late(const struct slow_block *b)
{
    int later = 0;
    for (int i = 0; i < slow.n_blocks; i++) {
        const struct slow_block *k = &slow.blocks[i];
        later +=
            k->then && !k->pool && k->thread == b->thread && k->when > b->when;
    }
    return later < 16;
}

static inline void slow_doubt(void)
{
    for (int i = 0; i < slow.n_blocks; i++)
        for (int k = 0; k < slow.n_threads; k++) {
            const struct slow_block *b = &slow.blocks[i];
            const struct slow_thread *t = &slow.threads[k];
            if (b->then && !b->pool && slow.level[i] == 0 &&
                t->number == b->thread && t->number != 0 &&
                (t->seen == OURO_SNAP_BLOCKED || t->seen == OURO_SNAP_LAST) &&
                slow_is_late(b)) {
                slow.unseen[i] = (unsigned)k + 1;
                slow.root[i] = 1;
            }
        }
    slow_flood();
}

/* Runs of pages that nothing points at or from are nodes, too. */
static inline void slow_find_runs(void)
{
    for (int i = 0; i < slow.n_regions; i++)
        for (uint64_t at = slow.regions[i].start; at < slow.regions[i].end;
             at += PAGE)
            slow_run_at(at);
    slow.n_nodes = slow.n_blocks + slow.n_runs;
}

static inline void slow_answer(void)
{
    slow_find_runs();
    for (int i = 0; i < slow.n_words; i++) {
        struct slow_sight s;
        if (slow_see(&slow.words[i], &s))
            slow_draw(&s);
    }
    for (int i = 0; i < slow.n_threads; i++)
        for (unsigned k = 0; k < slow.threads[i].n; k++) {
            int to;
            bool start;
            const int sure =
                slow_aim(slow.threads[i].registers[k], &to, &start);
            if (sure > 0)
                slow_root(to, sure);
        }
    for (int i = 0; i < slow.n_blocks; i++) {
        const struct slow_block *b = &slow.blocks[i];
        if (!b->then)
            continue;
        if (b->ignored)
            slow_root(i, 2);
        for (int k = 0; k < slow.n_blocks && b->pool; k++)
            if (slow.blocks[k].then && slow.blocks[k].depth == b->depth - 1 &&
                b->addr >= slow.blocks[k].addr &&
                b->addr < slow.blocks[k].addr + slow.blocks[k].size)
                slow.edge[i][k] = 2;
    }
    for (int i = slow.n_blocks; i < slow.n_nodes && slow.may_miss; i++)
        slow_root(i, 1);
    slow_flood();
    slow_doubt();
}

#endif
