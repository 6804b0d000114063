/* SPDX-License-Identifier: MIT */
/* check_held_cycles.c - rings inside what a finding retains have ids of their
   own, and keep them */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000, E = 0x50000 };

/* An outer pair and an inner one, from different sites. */
static void say_pairs(void)
{
    AT(1);
    dead_pair(A, B);
    AT(2);
    dead_pair(C, D);
}

static void hold(uint64_t owner, const char *field, uint64_t target)
{
    INCREF(target);
    LINK(owner, field, target);
}

START_TEST(the_inner_ring_is_listed_and_is_no_finding)
{
    say_pairs();
    hold(A, "inner", C);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->retained_objects, 4);
    ck_assert_uint_eq(f->n_held, 1);
    ck_assert_uint_eq(f->held[0].rings, 1);
    ck_assert_uint_eq(f->held[0].objects, 2);
    ck_assert_str_ne(f->held[0].id, f->id);
}
END_TEST

START_TEST(mended_the_outer_ring_leaves_the_inner_one_under_the_listed_id)
{
    char listed[17];
    say_pairs();
    hold(A, "inner", C);
    memcpy(listed, only(found(), FINDING_CYCLE)->held[0].id, sizeof listed);
    kit_release();

    kit_begin();
    say_pairs();
    hold(A, "inner", C);
    AT(3);
    DECREF(C);
    FREE(A);
    FREE(B);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_str_eq(f->id, listed);
    ck_assert_uint_eq(f->n_held, 0);
}
END_TEST

START_TEST(equal_rings_inside_are_one_id)
{
    AT(1);
    dead_pair(A, B);
    AT(2);
    for (uint64_t i = 0; i < 50; i++) {
        dead_pair(C + 0x200 * i, C + 0x200 * i + 0x100);
        hold(A, "inner", C + 0x200 * i);
    }
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_held, 1);
    ck_assert_uint_eq(f->held[0].rings, 50);
    ck_assert_uint_eq(f->held[0].objects, 100);
}
END_TEST

START_TEST(rings_of_other_sites_are_other_ids_in_order)
{
    AT(1);
    dead_pair(A, B);
    for (unsigned i = 0; i < 5; i++) {
        AT(2 + i);
        dead_pair(C + 0x200 * i, C + 0x200 * i + 0x100);
        hold(A, "inner", C + 0x200 * i);
    }
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_held, 5);
    for (uint32_t i = 1; i < 5; i++)
        ck_assert_str_lt(f->held[i - 1].id, f->held[i].id);
}
END_TEST

START_TEST(a_ring_in_a_ring_in_a_ring_is_listed_by_the_outermost)
{
    say_pairs();
    AT(3);
    MALLOC(E, 8);
    NEW(E, "Selfish");
    LINK(E, "self", E);
    hold(A, "inner", C);
    hold(D, "innermost", E);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->retained_objects, 5);
    ck_assert_uint_eq(f->n_held, 2);
}
END_TEST

START_TEST(a_ring_that_two_findings_hold_is_listed_with_what_they_share)
{
    say_pairs();
    AT(3);
    MALLOC(E, 8);
    NEW(E, "Selfish");
    LINK(E, "self", E);
    hold(A, "inner", E);
    hold(C, "inner", E);
    const struct findings *all = found();

    ck_assert_uint_eq(how_many(all, FINDING_CYCLE), 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct finding *f = &all->at[i];
        ck_assert_uint_eq(f->n_held, 0);
        ck_assert_uint_eq(f->retained_objects, 2);
        ck_assert_uint_eq(f->n_shared, 1);
        ck_assert_uint_eq(f->shared[0].n_with, 1);
        ck_assert_str_eq(f->shared[0].with[0], all->at[1 - i].id);
        ck_assert_uint_eq(f->shared[0].objects, 1);
        ck_assert_uint_eq(f->shared[0].bytes, 8);
        ck_assert_uint_eq(f->shared[0].n_held, 1);
    }
}
END_TEST

START_TEST(a_zombie_lists_the_ring_that_it_holds)
{
    AT(1);
    MALLOC(A, 16);
    NEW(A, "Undead");
    AT(2);
    dead_pair(C, D);
    hold(A, "ring", C);
    AT(3);
    DECREF(A);
    const struct findings *all = found();
    const struct finding *f = only(all, FINDING_MISUSE);

    ck_assert_uint_eq(how_many(all, FINDING_CYCLE), 0);
    ck_assert_uint_eq(f->n_held, 1);
    ck_assert_uint_eq(f->retained_objects, 3);
}
END_TEST

static TCase *stories(void)
{
    TCase *t = tcase_create("stories");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, the_inner_ring_is_listed_and_is_no_finding);
    tcase_add_test(
        t, mended_the_outer_ring_leaves_the_inner_one_under_the_listed_id);
    tcase_add_test(t, equal_rings_inside_are_one_id);
    tcase_add_test(t, rings_of_other_sites_are_other_ids_in_order);
    tcase_add_test(t, a_ring_in_a_ring_in_a_ring_is_listed_by_the_outermost);
    tcase_add_test(
        t, a_ring_that_two_findings_hold_is_listed_with_what_they_share);
    tcase_add_test(t, a_zombie_lists_the_ring_that_it_holds);
    return t;
}

Suite *held_cycles_suite(void);

Suite *held_cycles_suite(void)
{
    Suite *s = suite_create("held_cycles");
    suite_add_tcase(s, stories());
    return s;
}
