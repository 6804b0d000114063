/* SPDX-License-Identifier: MIT */
/* check_pointing.c - who points at a block, as a person is told */
#include "explain/pointing.h"
#include "explain/site.h"
#include "memory_kit.h"

static struct arena arena;
static struct pointing pointing;
static struct symbols symbols;
static struct sites sites;
static bool named;

static void end(void)
{
    if (named)
        sites_release(&sites);
    named = false;
    arena_release(&arena);
    memory_end();
}

/* Of all that points at the block at `addr`: how many. */
static uint32_t look(uint64_t addr, uint32_t *first)
{
    struct err e;
    uint32_t n;
    const struct memory *m = remembered();
    const uint32_t node = memory_node(m, addr);
    unsigned char *wanted = ARENA_ARRAY(&arena, m->g.n, unsigned char);
    wanted[node] = 1;
    ck_assert(pointing_read(&pointing, &arena, m, &kit.s, &kit.t, wanted, 8,
                            &e) == 0);
    symbols_find(&symbols, NULL, &arena, &kit.t, NULL, 0, NULL);
    sites_init(&sites, &arena, &kit.t, &symbols);
    named = true;
    *first = pointing_first(&pointing, node, &n);
    return n;
}

START_TEST(a_word_is_told_by_its_block_and_offset)
{
    uint32_t first;
    BLOCK(HEAP, 0x40);
    BLOCK(HEAP + 0x100, 0x40);
    memory_snapshot();
    build_region(&kit.b, HEAP, PAGE, OURO_SNAP_HEAP, "");
    build_word(&kit.b, HEAP + 0x18, HEAP + 0x110);

    ck_assert_uint_eq(look(HEAP + 0x100, &first), 1);
    const struct pointer p = pointing_tell(&pointing, first, &sites);

    ck_assert_int_eq(p.place, MEMORY_IN_BLOCK);
    ck_assert_uint_eq(p.address, HEAP + 0x18);
    ck_assert_uint_eq(p.offset, 0x18);
    ck_assert_uint_eq(p.into, 0x10);
    ck_assert(p.counts && p.unsure && !p.after);
    ck_assert_str_eq(p.allocator, "malloc");
}
END_TEST

START_TEST(a_block_that_was_freed_since_says_so)
{
    uint32_t first;
    BLOCK(HEAP, 0x40);
    BLOCK(HEAP + 0x100, 0x40);
    memory_snapshot();
    build_region(&kit.b, HEAP, PAGE, OURO_SNAP_HEAP, "");
    build_word(&kit.b, HEAP + 8, HEAP + 0x100);
    build_snapshot_end(&kit.b);
    kit.open = false;
    build_chunk(&kit.b, 1, kit.stamp);
    FREE(HEAP);

    ck_assert_uint_eq(look(HEAP + 0x100, &first), 1);
    const struct pointer p = pointing_tell(&pointing, first, &sites);

    ck_assert(p.after);
    ck_assert_uint_eq(p.block, OURO_NONE);
    ck_assert_uint_eq(p.offset, 8);
}
END_TEST

/* A word below the stack pointer is nobody's, one above it the thread's. */
START_TEST(what_calls_left_on_a_stack_is_not_told)
{
    uint32_t first;
    BLOCK(HEAP, 0x40);
    memory_snapshot();
    SNAP_THREAD(&kit.b, .thread = 1, .os_thread = 7, .seen = OURO_SNAP_TAKER,
                .sp = STACK + 0x800, .sure = STACK + 0x800,
                .end = STACK + PAGE);
    build_region(&kit.b, HEAP, PAGE, OURO_SNAP_HEAP, "");
    build_region(&kit.b, STACK, PAGE, OURO_SNAP_STACK, "");
    build_word(&kit.b, STACK + 0x100, HEAP);
    build_word(&kit.b, STACK + 0x900, HEAP);

    ck_assert_uint_eq(look(HEAP, &first), 1);
    const struct pointer p = pointing_tell(&pointing, first, &sites);

    ck_assert_int_eq(p.place, MEMORY_IN_STACK);
    ck_assert_uint_eq(p.address, STACK + 0x900);
    ck_assert_uint_eq(p.thread, 1);
    ck_assert_uint_eq(p.os_thread, 7);
    ck_assert(p.counts && !p.unsure);
}
END_TEST

Suite *pointing_suite(void);

Suite *pointing_suite(void)
{
    Suite *s = suite_create("pointing");
    TCase *t = tcase_create("pointing");
    tcase_add_checked_fixture(t, memory_begin, end);
    tcase_add_test(t, a_word_is_told_by_its_block_and_offset);
    tcase_add_test(t, a_block_that_was_freed_since_says_so);
    tcase_add_test(t, what_calls_left_on_a_stack_is_not_told);
    suite_add_tcase(s, t);
    return s;
}
