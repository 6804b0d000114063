/* SPDX-License-Identifier: MIT */
/* check_to_break.c - what a cycle's finding says of the fields to make weak */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000, E = 0x50000 };

static void hold(uint64_t owner, const char *field, uint64_t target)
{
    INCREF(target);
    LINK(owner, field, target);
}

START_TEST(a_ring_inside_would_stay)
{
    AT(1);
    dead_pair(A, B);
    AT(2);
    MALLOC(C, 8);
    NEW(C, "Selfish");
    LINK(C, "self", C);
    hold(A, "inner", C);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_weaken, 2);
    const struct finding_weaken *w = f->weaken;
    ck_assert_str_eq(w->type, "Child");
    ck_assert_str_eq(w->field, "parent");
    ck_assert(w->alone);
    ck_assert_uint_eq(w->edges, 1);
    ck_assert_uint_eq(w->frees_objects, 2);
    ck_assert_uint_eq(w->frees_bytes, 96);
    ck_assert_uint_eq(w->n_stays, 1);
    ck_assert_str_eq(w->stays[0].id, f->held[0].id);
    ck_assert_uint_eq(w->stays[0].objects, 1);
}
END_TEST

START_TEST(a_field_that_is_weak_opens_a_ring_inside_too)
{
    AT(1);
    dead_pair(A, B);
    AT(2);
    dead_pair(C, D);
    hold(A, "inner", C);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->weaken[0].edges, 1);
    ck_assert_uint_eq(f->weaken[0].frees_objects, 4);
    ck_assert_uint_eq(f->weaken[0].n_stays, 0);
}
END_TEST

START_TEST(elements_are_one_field)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "List");
    LINK(A, "items[0].key", A);
    hold(A, "items[1].key", A);
    hold(A, "items[27].key", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_weaken, 1);
    ck_assert_str_eq(f->weaken[0].field, "items[].key");
    ck_assert_uint_eq(f->weaken[0].edges, 3);
    ck_assert_uint_eq(f->weaken[0].frees_objects, 1);
}
END_TEST

START_TEST(two_ways_round_need_two_fields)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "List");
    LINK(A, "first", A);
    hold(A, "second", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->n_weaken, 2);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert(!f->weaken[i].alone);
        ck_assert_uint_eq(f->weaken[i].edges, 1);
        ck_assert_uint_eq(f->weaken[i].frees_objects, 1);
    }
}
END_TEST

START_TEST(what_all_instances_hold_jointly_is_freed_with_them)
{
    AT(1);
    for (uint64_t i = 0; i < 100; i++)
        dead_pair(A + 0x200 * i, A + 0x200 * i + 0x100);
    AT(2);
    MALLOC(0x900000, 500);
    NEW(0x900000, "Common");
    for (uint64_t i = 0; i < 100; i++)
        hold(A + 0x200 * i, "common", 0x900000);
    DECREF(0x900000);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->retained_objects, 200);
    ck_assert_uint_eq(f->n_shared, 1);
    ck_assert_uint_eq(f->shared[0].n_with, 0);
    ck_assert_uint_eq(f->shared[0].objects, 1);
    ck_assert_uint_eq(f->shared[0].bytes, 500);
    ck_assert_uint_eq(f->weaken[0].edges, 100);
    ck_assert_uint_eq(f->weaken[0].frees_objects, 201);
}
END_TEST

/* More is shared with others than is told. */
START_TEST(what_instances_hold_jointly_counts_however_much_is_shared_besides)
{
    enum { OTHERS = 20, PAIRS = 0x1000000, SHARED = 0x2000000 };
    static const char *const types[OTHERS] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
        "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
    };
    AT(1);
    for (uint64_t p = A; p <= B; p += B - A) {
        MALLOC(p, 8);
        NEW(p, "Selfish");
        LINK(p, "self", p);
    }
    MALLOC(C, 1);
    NEW(C, "joint");
    LINK(A, "joint", C);
    hold(B, "joint", C);
    for (uint64_t i = 0; i < OTHERS; i++) {
        const uint64_t p = PAIRS + i * 0x100;
        const uint64_t q = SHARED + i * 0x100;
        MALLOC(p, 8);
        NEW(p, types[i]);
        LINK(p, "self", p);
        MALLOC(q, 100);
        NEW(q, "shared");
        LINK(p, "shared", q);
        hold(A, "shared", q);
    }
    const struct findings *all = found();
    const struct finding *f = NULL;
    for (uint32_t i = 0; i < all->n; i++)
        if (all->at[i].instances == 2)
            f = &all->at[i];

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_gt(f->shared_more, 0);
    ck_assert_uint_eq(f->retained_objects, 2);
    ck_assert_uint_eq(f->joint_objects, 1);
    ck_assert_uint_eq(f->weaken[0].frees_objects, 3);
}
END_TEST

/* A ring whose objects point at each other at offsets that are all different.
 */
START_TEST(of_a_giant_some_fields_are_tried_and_it_says_how_many)
{
    const uint64_t n = 200000;
    const uint64_t room = 0x1000000;
    AT(1);
    for (uint64_t i = 0; i < n; i++) {
        MALLOC(room * (i + 1), room / 2);
        NEW(room * (i + 1), "Link");
    }
    for (uint64_t i = 0; i < n; i++)
        SAY(OURO_REC_LINK, .a = room * (i + 1) + 8 * i,
            .b = room * ((i + 1) % n + 1));
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->weaken_fields, n);
    ck_assert_uint_ge(f->weaken_tried, 3);
    ck_assert_uint_lt(f->weaken_tried, 10);
    ck_assert_uint_eq(f->n_weaken, f->weaken_tried);
    ck_assert_str_eq(f->weaken[0].field, "+1599992");
    ck_assert_uint_eq(f->weaken[0].frees_objects, n);
}
END_TEST

Suite *to_break_suite(void);

Suite *to_break_suite(void)
{
    Suite *s = suite_create("to_break");
    TCase *t = tcase_create("stories");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_ring_inside_would_stay);
    tcase_add_test(t, a_field_that_is_weak_opens_a_ring_inside_too);
    tcase_add_test(t, elements_are_one_field);
    tcase_add_test(t, two_ways_round_need_two_fields);
    tcase_add_test(t, what_all_instances_hold_jointly_is_freed_with_them);
    tcase_add_test(
        t, what_instances_hold_jointly_counts_however_much_is_shared_besides);
    tcase_add_test(t, of_a_giant_some_fields_are_tried_and_it_says_how_many);
    suite_add_tcase(s, t);
    return s;
}
