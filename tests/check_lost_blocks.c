/* SPDX-License-Identifier: MIT */
/* check_lost_blocks.c - leaks, as memory tells them */
#include "lost_kit.h"

START_TEST(a_lost_list_is_its_head_and_retains_the_rest)
{
    AT(1);
    GET(A, 16);
    GET(B, 24);
    GET(C, 32);
    look();
    look_at_heap();
    WORD(A, B);
    WORD(B, C);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_str_eq(f->evidence, "scanned");
    ck_assert_str_eq(f->shape, "single");
    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 16);
    ck_assert_uint_eq(f->retained_blocks, 3);
    ck_assert_uint_eq(f->retained_bytes, 72);
}
END_TEST

START_TEST(a_lost_ring_is_one_finding_of_all_its_sites)
{
    char id[2][17];
    for (int turn = 0; turn < 2; turn++) {
        memory_begin();
        AT(turn ? 2 : 1);
        GET(A, 16);
        AT(turn ? 1 : 2);
        GET(B, 24);
        GET(C, 8);
        look();
        look_at_heap();
        WORD(A, B);
        WORD(B, A);
        WORD(B + 8, C);
        const struct finding *f = only(found(), FINDING_LEAK);
        ck_assert_str_eq(f->shape, "ring");
        ck_assert_uint_eq(f->instances, 1);
        ck_assert_uint_eq(f->blocks, 2);
        ck_assert_uint_eq(f->bytes, 40);
        ck_assert_uint_eq(f->retained_blocks, 3);
        memcpy(id[turn], f->id, sizeof id[turn]);
        lost_end();
    }
    ck_assert_str_eq(id[0], id[1]);
}
END_TEST

START_TEST(what_two_heads_hold_together_is_shared)
{
    AT(1);
    GET(A, 16);
    AT(2);
    GET(B, 16);
    AT(3);
    GET(C, 100);
    look();
    look_at_heap();
    WORD(A, C);
    WORD(B, C);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 2);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(f->at[i].retained_blocks, 1);
        ck_assert_uint_eq(f->at[i].n_shared, 1);
        ck_assert_uint_eq(f->at[i].shared[0].n_with, 1);
        ck_assert_str_eq(f->at[i].shared[0].with[0], f->at[1 - i].id);
        ck_assert_uint_eq(f->at[i].shared[0].blocks, 1);
        ck_assert_uint_eq(f->at[i].shared[0].bytes, 100);
    }
}
END_TEST

START_TEST(what_two_instances_hold_together_is_shared_with_nobody_else)
{
    AT(1);
    GET(A, 16);
    GET(B, 16);
    GET(C, 100);
    look();
    look_at_heap();
    WORD(A, C);
    WORD(B, C);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->instances, 2);
    ck_assert_uint_eq(f->retained_blocks, 2);
    ck_assert_uint_eq(f->n_shared, 1);
    ck_assert_uint_eq(f->shared[0].n_with, 0);
    ck_assert_uint_eq(f->shared[0].bytes, 100);
}
END_TEST

START_TEST(one_site_of_several_reaches_is_one_finding_of_the_worst)
{
    AT(1);
    GET(A, 16);
    GET(B, 24);
    GET(C, 32);
    GET(D, 40);
    look();
    WORD(ROOT, A);
    WORD(ROOT + 8, B + 8);
    look_at_heap();
    go_on();
    AT(1);
    GET(E, 48);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_uint_eq(f->blocks, 2);
    ck_assert_uint_eq(f->bytes, 72);
    ck_assert_uint_eq(f->n_elsewhere, 3);
    ck_assert_int_eq(f->elsewhere[0].reach, REACH_POSSIBLE);
    ck_assert_uint_eq(f->elsewhere[0].bytes, 24);
    ck_assert_int_eq(f->elsewhere[1].reach, REACH_UNKNOWN);
    ck_assert_uint_eq(f->elsewhere[1].bytes, 48);
    ck_assert_int_eq(f->elsewhere[2].reach, REACH_REACHABLE);
    ck_assert_uint_eq(f->elsewhere[2].bytes, 16);
}
END_TEST

START_TEST(what_was_freed_since_is_no_leak)
{
    AT(1);
    GET(A, 16);
    look();
    look_at_heap();
    go_on();
    FREE(A);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

START_TEST(what_came_after_the_end_is_no_leak)
{
    look_as(OURO_SNAP_EXIT);
    look_at_heap();
    go_on();
    AT(1);
    GET(A, 16);
    AT(2);
    MAKE(B, 16, "Node");

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

/* The object is told as what it is. */
START_TEST(what_a_lost_object_holds_is_no_leak_of_its_own)
{
    AT(1);
    MAKE(A, 16, "Node");
    GET(B, 100);
    look();
    look_at_heap();
    WORD(A, B);
    const struct findings *f = found();

    ck_assert_uint_eq(how_many(f, FINDING_LEAK), 0);
    ck_assert_int_eq(only(f, FINDING_UNBALANCED)->reach, REACH_DEFINITE);
}
END_TEST

START_TEST(a_ring_with_an_object_in_it_is_no_leak)
{
    AT(1);
    GET(A, 100);
    MAKE(B, 16, "Node");
    look();
    look_at_heap();
    WORD(A, B);
    WORD(B, A);
    const struct findings *f = found();

    ck_assert_uint_eq(how_many(f, FINDING_LEAK), 0);
    ck_assert_str_eq(only(f, FINDING_UNBALANCED)->shape, "ring");
}
END_TEST

START_TEST(what_an_interior_pointer_holds_is_told_by_its_source)
{
    AT(1);
    GET(A, 16);
    AT(2);
    GET(B, 24);
    look();
    WORD(ROOT, A + 8);
    look_at_heap();
    WORD(A, B);
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_int_eq(f->reach, REACH_POSSIBLE);
    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 16);
    ck_assert_uint_eq(f->retained_bytes, 40);
}
END_TEST

Suite *lost_blocks_suite(void);
Suite *lost_blocks_suite(void)
{
    Suite *s = suite_create("lost_blocks");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, memory_begin, lost_end);
    tcase_add_test(t, a_lost_list_is_its_head_and_retains_the_rest);
    tcase_add_test(t, what_two_heads_hold_together_is_shared);
    tcase_add_test(t,
                   what_two_instances_hold_together_is_shared_with_nobody_else);
    tcase_add_test(t, one_site_of_several_reaches_is_one_finding_of_the_worst);
    tcase_add_test(t, what_was_freed_since_is_no_leak);
    tcase_add_test(t, what_came_after_the_end_is_no_leak);
    tcase_add_test(t, what_a_lost_object_holds_is_no_leak_of_its_own);
    tcase_add_test(t, a_ring_with_an_object_in_it_is_no_leak);
    tcase_add_test(t, what_an_interior_pointer_holds_is_told_by_its_source);
    suite_add_tcase(s, t);
    TCase *own = tcase_create("own");
    tcase_add_test(own, a_lost_ring_is_one_finding_of_all_its_sites);
    suite_add_tcase(s, own);
    return s;
}
