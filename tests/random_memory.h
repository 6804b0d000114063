/* SPDX-License-Identifier: MIT */
/*
 * random_memory.h - a small memory from a seed, said to a trace and kept in
 * slow_memory.h
 *
 * It has each kind of region, four threads that were seen in different ways
 * (one with its stack in a block), blocks and large blocks that came and went,
 * elements of pools in a block and in mapped memory, objects inside blocks, and
 * words that point at, into, behind and before all of them, or nowhere. Some
 * blocks have a layout that lets a pointer be inside; as many almost have.
 */
#ifndef TESTS_RANDOM_MEMORY_H
#define TESTS_RANDOM_MEMORY_H

#include "random_graph.h"
#include "slow_memory.h"

#define ARENA         PAGES
#define MAIN_TLS      UINT64_C(0x7f3000000000)
#define WORKER        UINT64_C(0x7f4000000000)
#define UNSEEN        UINT64_C(0x7f5000000000)
#define SHARED        UINT64_C(0x7f6000000000)
#define POOL          UINT64_C(0x7f7000000000)
#define IN_BLOCK      (ARENA + 2 * PAGE + 0x40) /* a stack of 4 KiB */
#define WITH_ELEMENTS (ARENA + 4 * PAGE + 16)
#define LARGE         (ARENA + 8 * PAGE)
#define ARENA_LEN     (64 * PAGE)
#define TP_TO_END     2304

static uint64_t *world_state;

static inline uint64_t below(uint32_t n)
{
    return random_below(world_state, n);
}

static inline bool chance(uint32_t one_of)
{
    return below(one_of) == 0;
}

static inline unsigned now_of(uint64_t stamp)
{
    return (unsigned)(stamp / 1000);
}

static inline void by_thread(unsigned thread)
{
    build_chunk(&kit.b, thread, kit.stamp);
}

static inline struct slow_block *add_block(uint64_t addr, uint64_t size,
                                           bool then)
{
    ck_assert_int_lt(slow.n_blocks, SLOW_BLOCKS);
    struct slow_block *b = &slow.blocks[slow.n_blocks++];
    *b = (struct slow_block){.addr = addr,
                             .size = size,
                             .moved_to = addr,
                             .then = then,
                             .now = true};
    return b;
}

static inline struct slow_block *ask(unsigned thread, uint64_t addr,
                                     uint64_t size, bool then)
{
    struct slow_block *b = add_block(addr, size, then);
    by_thread(thread);
    b->entry = chance(3) ? OURO_ENTRY_NEW_ARRAY : OURO_ENTRY_MALLOC;
    b->thread = thread;
    SAY(OURO_ALLOC + b->entry, .a = addr, .size = size);
    b->when = now_of(kit.stamp);
    if (then)
        slow.events[slow.n_events++] = (struct slow_page_event){addr, size};
    return b;
}

static inline void give_back(struct slow_block *b, bool before)
{
    SAY(OURO_FREE, .a = b->addr);
    b->now = false;
    if (before)
        b->then = false;
}

static inline void say_small_blocks(uint64_t from, unsigned slots)
{
    for (unsigned i = 0; i < slots; i++) {
        if (chance(3))
            continue;
        static const uint8_t sizes[] = {0, 8, 12, 16, 24, 25, 32, 48, 64, 80};
        const unsigned thread = 1 + (unsigned)below(3);
        struct slow_block *b =
            ask(thread, from + 128 * i + 16 * below(3), sizes[below(10)], true);
        if (chance(6))
            give_back(b, true);
        else if (chance(12))
            SAY(OURO_REC_IGNORE, .a = b->addr), b->ignored = true;
        else if (b->size >= 24 && chance(3)) {
            slow.objects[slow.n_objects++] = b->addr + 16;
            SAY(OURO_REC_NEW, .a = b->addr + 16, .text = "Inner");
        }
    }
}

static inline void say_large_blocks(void)
{
    by_thread(1);
    if (chance(2))
        give_back(ask(1, LARGE + 2 * PAGE, 40, true), true);
    struct slow_block *b =
        ask(1, LARGE + (chance(2) ? 16 : 512), 65536 + 8 * below(1000), true);
    if (chance(2))
        return;
    give_back(b, true);
    if (chance(2))
        give_back(ask(2, LARGE + 4 * PAGE + 256, 5000, true), true);
    if (chance(2))
        ask(2, LARGE + 8 * PAGE, 70000, true);
}

static inline void say_element(uint64_t addr, uint64_t size, int depth)
{
    SAY(OURO_REC_POOL_ALLOC, .a = 0x77, .b = addr, .size = size);
    struct slow_block *b = add_block(addr, size, true);
    b->pool = true;
    b->depth = depth;
    if (depth == 0)
        slow.events[slow.n_events++] = (struct slow_page_event){addr, size};
}

static inline void say_pools(void)
{
    by_thread(1);
    SAY(OURO_REC_POOL_CREATE, .a = 0x77, .b = POOL, .size = PAGE);
    if (chance(2))
        say_element(POOL + 64, 32, 0);
    ask(1, WITH_ELEMENTS, 256, true);
    for (unsigned i = 0; i < 4; i++)
        if (chance(2))
            say_element(WITH_ELEMENTS + 48 * i, 20 + 8 * below(3), 1);
}

static inline void add_region(uint64_t start, uint64_t pages, unsigned what,
                              const char *path)
{
    slow.regions[slow.n_regions++] =
        (struct slow_region){start, start + pages * PAGE, what, path};
}

static inline void make_regions(void)
{
    add_region(DATA, 1, OURO_SNAP_FILE, "/nowhere/program");
    add_region(DATA + 15 * PAGE, 3, OURO_SNAP_ANONYMOUS, "");
    add_region(HEAP, 2, OURO_SNAP_HEAP, "[heap]");
    add_region(ARENA, 64, OURO_SNAP_ANONYMOUS, "");
    add_region(LIBC_DATA, 1, OURO_SNAP_FILE, "/lib/libc.so.6");
    add_region(ALLOCATOR_DATA, 1, OURO_SNAP_FILE, "/usr/lib/libmine.so");
    add_region(MAIN_TLS, 2, OURO_SNAP_ANONYMOUS, "");
    add_region(WORKER, 4, OURO_SNAP_ANONYMOUS, "");
    add_region(UNSEEN, 3, OURO_SNAP_ANONYMOUS, "");
    add_region(SHARED, 1, OURO_SNAP_SHARED, "/dev/shm/x");
    add_region(POOL, 2, OURO_SNAP_ANONYMOUS, "");
    add_region(STACK, 2, OURO_SNAP_STACK, "[stack]");
}

static inline uint64_t some_address(void);

static inline void add_thread(struct slow_thread t)
{
    t.n = (unsigned)below(4);
    for (unsigned i = 0; i < t.n; i++)
        t.registers[i] = some_address();
    slow.threads[slow.n_threads++] = t;
}

static inline void make_threads(void)
{
    const uint64_t sp = STACK + 8 * below(900);
    add_thread((struct slow_thread){.number = 1,
                                    .seen = OURO_SNAP_TAKER,
                                    .sp = sp,
                                    .sure = sp + 8 * below(20),
                                    .tp = MAIN_TLS + 0x740,
                                    .start = STACK,
                                    .end = STACK + 2 * PAGE,
                                    .block = NOBODY,
                                    .tls_start = MAIN_TLS,
                                    .tls_end = MAIN_TLS + 2 * PAGE});
    const uint64_t sure = WORKER + 8 * below(900);
    add_thread((struct slow_thread){
        .number = 2,
        .seen = OURO_SNAP_WAITED + (unsigned)below(3),
        .sp = sure - 8 * below(200),
        .sure = sure,
        .tp = WORKER + 3 * PAGE - TP_TO_END,
        .start = WORKER,
        .end = WORKER + 3 * PAGE,
        .block = NOBODY,
    });
    add_thread((struct slow_thread){
        .number = 0,
        .seen = OURO_SNAP_UNSEEN,
        .tp = UNSEEN + 3 * PAGE - TP_TO_END,
        .start = UNSEEN,
        .end = UNSEEN + 3 * PAGE,
        .block = NOBODY,
    });
    const int block = slow_holding(IN_BLOCK, 1);
    if (block == NOBODY)
        return;
    const uint64_t in = IN_BLOCK + 8 * below(100);
    add_thread(
        (struct slow_thread){.number = 3,
                             .seen = OURO_SNAP_WAITED + (unsigned)below(3),
                             .sp = in,
                             .sure = in + 8 * below(50),
                             .start = IN_BLOCK,
                             .end = IN_BLOCK + 4096,
                             .block = block});
}

static inline uint64_t in_block(void)
{
    static const int8_t offsets[] = {0,  0,  0,  0, 0, 8,  8,  16,
                                     16, 24, 24, 4, 1, 32, -8, -1};
    const struct slow_block *b = &slow.blocks[below((uint32_t)slow.n_blocks)];
    if (chance(6))
        return b->addr + b->size;
    return b->addr + (uint64_t)(int64_t)offsets[below(16)];
}

static inline uint64_t some_address(void)
{
    const struct slow_region *r =
        &slow.regions[below((uint32_t)slow.n_regions)];
    switch (below(8)) {
    case 0:
        return below(100);
    case 1:
        return r->start + 8 * below((uint32_t)((r->end - r->start) / 8));
    case 2:
        return PROGRAM + 16 * below(100);
    case 3:
        return LARGE + 8 * below(20000);
    default:
        return in_block();
    }
}

static inline int by_at(const void *a, const void *b)
{
    const struct snapshot_word *x = a;
    const struct snapshot_word *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static inline void add_word(uint64_t at, uint64_t value)
{
    if (value != 0 && slow.n_words < SLOW_WORDS && at % 8 == 0 &&
        slow_region_at(at) && slow_word(at) == 0)
        slow.words[slow.n_words++] = (struct snapshot_word){at, value};
}

/* A layout at the block's start, or almost one. */
static inline void make_layout(const struct slow_block *b)
{
    const uint64_t off = chance(3);
    const uint64_t parts[] = {1, 2, 3, 4, 8};
    if (!b->then || b->size < 8)
        return;
    switch (below(5)) {
    case 0:
        add_word(b->addr, below(3));
        add_word(b->addr + 8, b->size - 25 + off);
        break;
    case 1:
        add_word(b->addr, b->size - 8 + off);
        break;
    case 2:
        add_word(b->addr, parts[below(5)]);
        break;
    case 3:
        add_word(b->addr, PROGRAM + 0x100);
        add_word(b->addr + 8 + 8 * below(3), chance(3) ? HEAP : LIBC + 0x2000);
        break;
    default:
        break;
    }
}

static inline void make_words(void)
{
    for (int i = 0; i < slow.n_blocks; i++) {
        if (chance(2))
            make_layout(&slow.blocks[i]);
        for (uint64_t at = 0; at < slow.blocks[i].size && at < 64; at += 8)
            if (chance(3))
                add_word(slow.blocks[i].addr + at, some_address());
    }
    for (uint64_t k = chance(2) ? 120 : 0; k > 0; k--)
        add_word(LARGE + 5 * PAGE + 8 * k, some_address());
    for (int i = 0; i < slow.n_threads; i++) {
        const struct slow_thread *t = &slow.threads[i];
        if (t->tp)
            add_word(t->tp + 8, some_address());
        for (int k = 0; k < 4 && t->tp; k++)
            add_word(t->tp - 8 * below(24), some_address());
        for (int k = 0; k < 8; k++)
            add_word((t->sure & ~UINT64_C(7)) + 8 * below(16) - 64,
                     some_address());
    }
    for (int i = 0; i < slow.n_regions; i++) {
        const struct slow_region *r = &slow.regions[i];
        const uint32_t words = (uint32_t)((r->end - r->start) / 8);
        for (uint64_t k = below(12); k > 0; k--)
            add_word(r->start + 8 * below(words), some_address());
    }
    qsort(slow.words, (size_t)slow.n_words, sizeof *slow.words, by_at);
}

static inline void say_snapshot(void)
{
    slow.hidden_len = slow.has_allocator ? 64 : 0;
    slow.hidden = 128;
    SNAPSHOT(&kit.b, 1, kit.stamp, .why = OURO_SNAP_EXIT,
             .mode = OURO_SNAP_IMAGE,
             .malloc_at = slow.has_allocator ? ALLOCATOR + 64 : LIBC + 64,
             .tls = slow.has_allocator ? -(int64_t)slow.hidden : 0,
             .tls_len = slow.hidden_len);
    for (int i = 0; i < slow.n_threads; i++) {
        const struct slow_thread *t = &slow.threads[i];
        SNAP_THREAD(&kit.b, .thread = t->number, .os_thread = 100,
                    .seen = (uint8_t)t->seen, .sp = t->sp, .sure = t->sure,
                    .end = t->block == NOBODY && chance(2) ? t->end : 0,
                    .tp = t->tp, .n = t->n, .registers = t->registers);
    }
    int w = 0;
    for (int i = 0; i < slow.n_regions; i++) {
        const struct slow_region *r = &slow.regions[i];
        build_region(&kit.b, r->start, r->end - r->start, r->what, r->path);
        for (; w < slow.n_words && slow.words[w].at < r->end; w++)
            build_word(&kit.b, slow.words[w].at, slow.words[w].value);
    }
    build_snapshot_end(&kit.b);
}

/* The program goes on. */
static inline void say_rest(void)
{
    by_thread(1);
    const int n = slow.n_blocks;
    for (int i = 0; i < n; i++) {
        struct slow_block *b = &slow.blocks[i];
        if (!b->then || b->pool || b->addr == WITH_ELEMENTS || !chance(4))
            continue;
        if (chance(2)) {
            give_back(b, false);
            if (chance(2))
                ask(1, b->addr, b->size, false);
        } else if (b->size < 100) {
            b->moved_to = ARENA + 48 * PAGE + 128 * (uint64_t)i;
            SAY(OURO_REALLOC_BEGIN, .a = b->addr);
            SAY(OURO_REALLOC_END, .a = b->moved_to, .size = b->size + 8);
        }
    }
}

static inline void make_world(uint64_t *state)
{
    world_state = state;
    memset(&slow, 0, sizeof slow);
    memory_begin();
    slow.has_allocator = chance(3);
    slow.may_miss = chance(5);
    kit.caught = chance(2);
    build_module(&kit.b, kit.stamp, 0, 3, ALLOCATOR, ALLOCATOR,
                 ALLOCATOR_DATA + PAGE, "0123456789", "/usr/lib/libmine.so");
    if (slow.may_miss)
        SAY(OURO_LOST, .n = 1);
    say_small_blocks(HEAP, 20);
    say_small_blocks(ARENA, 6);
    if (chance(2))
        ask(1, IN_BLOCK, 4096, true);
    say_large_blocks();
    say_pools();
    make_regions();
    make_threads();
    make_words();
    say_snapshot();
    say_rest();
}

#endif
