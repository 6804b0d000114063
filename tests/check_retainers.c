/* SPDX-License-Identifier: MIT */
/* check_retainers.c - what keeps most, from small memories and from long lists
 */
#include "explain/retainers.h"
#include "explain/symbolizer.h"
#include "memory_kit.h"

static struct retainers r;
static struct symbolizer *z;

static void begin(void)
{
    z = symbolizer_begin();
    memory_begin();
}

static void end(void)
{
    retainers_release(&r);
    memory_end();
    symbolizer_end(z);
}

static void find(uint32_t most)
{
    struct err e;
    const struct memory *m = remembered();
    ck_assert_msg(retainers_find(&r, z, m, &kit.s, &kit.t, most, &e) == 0, "%s",
                  e.text);
}

/* DATA -> first -> ... -> last, each of 64 bytes. */
static void make_list(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        BLOCK(HEAP + 64 * (uint64_t)i, 64);
    memory_snapshot();
    build_region(&kit.b, DATA, PAGE, OURO_SNAP_FILE, "/nowhere/program");
    build_word(&kit.b, DATA + 16, HEAP);
    build_region(&kit.b, HEAP, (64 * (uint64_t)n + PAGE) & ~(PAGE - 1),
                 OURO_SNAP_HEAP, "");
    for (uint32_t i = 0; i + 1 < n; i++)
        build_word(&kit.b, HEAP + 64 * (uint64_t)i + 8,
                   HEAP + 64 * (uint64_t)(i + 1));
}

/* As deep as it may be: nothing is recursive, and equal steps are one. */
START_TEST(a_list_of_any_length_is_one_retainer)
{
    uint32_t n = 1;
    for (int i = 0; i < _i; i++)
        n *= 10;
    make_list(n);

    find(20);

    ck_assert_uint_eq(r.n, 1);
    ck_assert_uint_eq(r.at[0].is.retained.blocks, n);
    ck_assert_uint_eq(r.at[0].is.retained.bytes, 64 * (uint64_t)n);
    ck_assert_uint_eq(r.at[0].is.run, n);
    ck_assert_uint_eq(r.at[0].n_chain, 0);
    ck_assert_uint_eq(r.at[0].n_roots, 1);
    ck_assert_int_eq(r.at[0].roots[0].place, MEMORY_IN_MODULE);
    ck_assert_uint_eq(r.at[0].roots[0].address, DATA + 16);
    ck_assert_uint_eq(r.reachable.bytes, 64 * (uint64_t)n);
}
END_TEST

/* Two globals, one block each, both of which hold a third. */
START_TEST(what_two_hold_is_retained_by_neither)
{
    for (uint64_t i = 0; i < 4; i++)
        BLOCK(HEAP + 0x100 * i, 0x40 << i);
    memory_snapshot();
    build_region(&kit.b, DATA, PAGE, OURO_SNAP_FILE, "/nowhere/program");
    build_word(&kit.b, DATA, HEAP);
    build_word(&kit.b, DATA + 8, HEAP + 0x100);
    build_region(&kit.b, HEAP, PAGE, OURO_SNAP_HEAP, "");
    build_word(&kit.b, HEAP, HEAP + 0x200);
    build_word(&kit.b, HEAP + 0x108, HEAP + 0x200);

    find(20);

    ck_assert_uint_eq(r.n, 3);
    ck_assert_uint_eq(r.at[0].is.address, HEAP + 0x200);
    ck_assert_uint_eq(r.at[0].n_roots, 0);
    ck_assert_uint_eq(r.at[0].is.retained.bytes, 0x100);
    ck_assert_uint_eq(r.at[1].is.retained.bytes, 0x80);
    ck_assert_uint_eq(r.at[2].is.retained.bytes, 0x40);
    ck_assert_uint_eq(r.reachable.blocks, 3);
    ck_assert_uint_eq(r.lost.bytes, 0x200);
}
END_TEST

/* The first of a few: the rest is only counted. */
START_TEST(no_more_are_told_than_were_asked_for)
{
    for (uint64_t i = 0; i < 5; i++)
        BLOCK(HEAP + 0x100 * i, 0x10 * (i + 1));
    memory_snapshot();
    build_region(&kit.b, DATA, PAGE, OURO_SNAP_FILE, "/nowhere/program");
    for (uint64_t i = 0; i < 5; i++)
        build_word(&kit.b, DATA + 8 * i, HEAP + 0x100 * i);
    build_region(&kit.b, HEAP, PAGE, OURO_SNAP_HEAP, "");

    find(2);

    ck_assert_uint_eq(r.n, 5);
    ck_assert_uint_eq(r.n_told, 2);
    ck_assert_uint_eq(r.at[0].is.bytes, 0x50);
    ck_assert_uint_eq(r.at[1].is.bytes, 0x40);
    ck_assert_uint_eq(r.n_sites, 1);
    ck_assert_uint_eq(r.sites[0].n, 5);
    ck_assert_uint_eq(r.sites[0].retained.bytes, 0xf0);
}
END_TEST

Suite *retainers_suite(void);

Suite *retainers_suite(void)
{
    Suite *s = suite_create("retainers");
    TCase *t = tcase_create("retainers");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_loop_test(t, a_list_of_any_length_is_one_retainer, 0, 6);
    tcase_add_test(t, what_two_hold_is_retained_by_neither);
    tcase_add_test(t, no_more_are_told_than_were_asked_for);
    suite_add_tcase(s, t);
    return s;
}
