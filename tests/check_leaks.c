/* SPDX-License-Identifier: MIT */
/* check_leaks.c - blocks that nothing covers are told by site, and no others */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000 };

START_TEST(blocks_of_one_site_are_one_finding_with_exact_sums)
{
    AT(1);
    for (uint64_t i = 1; i <= 1000; i++)
        MALLOC(A + 0x400 * i, i);
    FREE(A + 0x400);
    const struct findings *all = found();
    const struct finding *f = only(all, FINDING_LEAK);

    ck_assert_uint_eq(all->n, 1);
    ck_assert_uint_eq(f->instances, 999);
    ck_assert_uint_eq(f->blocks, 999);
    ck_assert_uint_eq(f->bytes, 500499);
    ck_assert_uint_eq(f->retained_bytes, 500499);
    ck_assert_uint_eq(f->objects, 0);
    ck_assert_int_eq(f->reach, REACH_UNKNOWN);
    ck_assert_str_eq(f->allocator, "malloc");
    ck_assert_str_eq(f->shape, "single");
    ck_assert_str_eq(f->evidence, "recorded");
    ck_assert_uint_eq(f->stack.n, 2);
    ck_assert_uint_eq(f->stack.at[0].offset, 2 * SITES);
}
END_TEST

START_TEST(each_site_is_a_finding_of_its_own)
{
    for (unsigned i = 0; i < 20; i++) {
        AT(i);
        MALLOC(A + 0x400 * (uint64_t)i, 10);
    }

    ck_assert_uint_eq(found()->n, 20);
}
END_TEST

START_TEST(an_empty_block_is_a_block)
{
    AT(1);
    MALLOC(A, 0);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 0);
}
END_TEST

/* A site is functions: two calls in one function are one. */
START_TEST(two_entry_points_at_one_site_are_one_finding)
{
    AT(1);
    CALLOC(A, 100);
    MALLOC(B, 1);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->instances, 2);
    ck_assert_str_eq(f->allocator, "calloc");
}
END_TEST

START_TEST(the_entry_point_is_that_of_the_eldest_block)
{
    AT(1);
    MALLOC(C, 1);
    CALLOC(B, 1);
    MALLOC(A, 1);

    ck_assert_str_eq(only(found(), FINDING_LEAK)->allocator, "malloc");
}
END_TEST

START_TEST(an_image_that_ended_by_exec_has_no_leaks)
{
    AT(1);
    MALLOC(A, 100);
    dead_pair(B, C);
    const struct findings *f = found_by(true);

    ck_assert_uint_eq(f->n, 1);
    ck_assert_int_eq(f->at[0].kind, FINDING_CYCLE);
}
END_TEST

START_TEST(blocks_of_objects_are_no_leaks_wherever_the_object_begins)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "AtStart");
    SAY(OURO_REC_ROOT, .text = "a", .b = A);
    MALLOC(B, 64);
    NEW(B + 16, "BehindItsHeader");
    SAY(OURO_REC_ROOT, .text = "b", .b = B + 16);
    MALLOC(C, 500);
    SAY(OURO_REC_OWN, .a = A, .b = C);
    MALLOC(D, 8);
    SAY(OURO_REC_IGNORE, .a = D);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

START_TEST(elements_of_a_pool_stand_for_the_block_around_them)
{
    AT(1);
    MALLOC(A, 0x1000);
    SAY(OURO_REC_POOL_CREATE, .a = 0x999, .b = A, .size = 0x1000);
    AT(2);
    SAY(OURO_REC_POOL_ALLOC, .a = 0x999, .b = A + 0x100, .size = 24);
    SAY(OURO_REC_POOL_ALLOC, .a = 0x999, .b = A + 0x200, .size = 24);
    SAY(OURO_REC_POOL_FREE, .a = 0x999, .b = A + 0x200);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 24);
    ck_assert_str_eq(f->allocator, "pool");
}
END_TEST

START_TEST(the_block_around_an_empty_pool_is_told)
{
    AT(1);
    MALLOC(A, 0x1000);
    SAY(OURO_REC_POOL_CREATE, .a = 0x999, .b = A, .size = 0x1000);

    ck_assert_uint_eq(only(found(), FINDING_LEAK)->bytes, 0x1000);
}
END_TEST

/* Spelled out, these stacks would be eight million places. */
START_TEST(what_a_deep_recursion_leaves_behind_is_one_finding)
{
    enum { DEPTH = 4000 };
    static uint64_t ips[DEPTH];
    for (uint32_t i = 0; i < DEPTH; i++)
        ips[i] = PROGRAM + (i == 0 ? 0x100 : i % 2 ? 0x2000 : 0x3000);
    for (uint32_t i = 3; i <= DEPTH; i += 2) {
        build_stack(&kit.b, i, ips);
        MALLOC(A + 0x40 * (uint64_t)i, 10);
    }
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->instances, DEPTH / 2 - 1);
    ck_assert_uint_eq(f->stack.n, 3);
}
END_TEST

START_TEST(three_hundred_thousand_blocks_are_told_as_one)
{
    const uint64_t n = 300000;
    AT(1);
    for (uint64_t i = 0; i < n; i++)
        MALLOC(A + 0x40 * i, 48);

    ck_assert_uint_eq(only(found(), FINDING_LEAK)->bytes, 48 * n);
}
END_TEST

START_TEST(places_of_one_finding_are_all_told_most_bytes_first)
{
    AT(1);
    MALLOC(0x1000, 10);
    MALLOC(0x2000, 20);
    CALLOC(0x3000, 100);
    const struct finding *f = only(found(), FINDING_LEAK);
    ck_assert_uint_eq(f->blocks, 3);
    ck_assert_uint_eq(f->n_places, 2);
    ck_assert_str_eq(f->places[0].allocator, "calloc");
    ck_assert_uint_eq(f->places[0].bytes, 100);
    ck_assert_str_eq(f->places[1].allocator, "malloc");
    ck_assert_uint_eq(f->places[1].blocks, 2);
    ck_assert_uint_eq(f->places[1].bytes, 30);
}
END_TEST

Suite *leaks_suite(void);

Suite *leaks_suite(void)
{
    Suite *s = suite_create("leaks");
    TCase *t = tcase_create("sites");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, blocks_of_one_site_are_one_finding_with_exact_sums);
    tcase_add_test(t, each_site_is_a_finding_of_its_own);
    tcase_add_test(t, an_empty_block_is_a_block);
    tcase_add_test(t, two_entry_points_at_one_site_are_one_finding);
    tcase_add_test(t, the_entry_point_is_that_of_the_eldest_block);
    tcase_add_test(t, an_image_that_ended_by_exec_has_no_leaks);
    tcase_add_test(t, what_a_deep_recursion_leaves_behind_is_one_finding);
    tcase_add_test(t, three_hundred_thousand_blocks_are_told_as_one);
    suite_add_tcase(s, t);
    t = tcase_create("covered");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t,
                   blocks_of_objects_are_no_leaks_wherever_the_object_begins);
    tcase_add_test(t, elements_of_a_pool_stand_for_the_block_around_them);
    tcase_add_test(t, the_block_around_an_empty_pool_is_told);
    tcase_add_test(t, places_of_one_finding_are_all_told_most_bytes_first);
    suite_add_tcase(s, t);
    return s;
}
