/* SPDX-License-Identifier: MIT */
/* check_cascade.c - what goes with a cycle, and what each part of it weighs */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000, E = 0x50000 };

START_TEST(an_outer_ring_retains_the_inner_one)
{
    AT(1);
    dead_pair(A, B);
    dead_pair(C, D);
    INCREF(C);
    LINK(A, "inner", C);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->objects, 2);
    ck_assert_uint_eq(f->n_edges, 2);
    ck_assert_uint_eq(f->retained_objects, 4);
    ck_assert_uint_eq(f->retained_bytes, 192);
}
END_TEST

static void new_leaf(uint64_t p, const char *type)
{
    SAY(OURO_REC_NEW_AT, .a = p, .text = type, .n = 1,
        .flags = OURO_NEW_IS_LEAF);
}

START_TEST(leaves_and_owned_blocks_go_with_their_owner)
{
    AT(1);
    dead_pair(A, B);
    MALLOC(C, 1000);
    SAY(OURO_REC_OWN, .a = A, .b = C);
    MALLOC(D, 200);
    new_leaf(D, "String");
    LINK(B, "name", D);
    MALLOC(E, 7);
    new_leaf(E, "String");
    LINK(B, "shared", E);
    INCREF(E);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->blocks, 3);
    ck_assert_uint_eq(f->bytes, 1096);
    ck_assert_uint_eq(f->retained_objects, 3);
    ck_assert_uint_eq(f->retained_blocks, 4);
    ck_assert_uint_eq(f->retained_bytes, 1296);
    ck_assert_uint_eq(f->members[1].bytes, 1064);
}
END_TEST

START_TEST(a_leaf_goes_with_one_ring_if_that_has_all_its_counts)
{
    AT(1);
    dead_pair(A, B);
    dead_pair(C, D);
    MALLOC(E, 1000);
    new_leaf(E, "Mine");
    INCREF(E);
    LINK(A, "one", E);
    LINK(B, "two", E);
    MALLOC(E + 0x1000, 5000);
    new_leaf(E + 0x1000, "Ours");
    INCREF(E + 0x1000);
    LINK(A, "ours", E + 0x1000);
    LINK(C, "ours", E + 0x1000);
    MALLOC(E + 0x3000, 7000);
    new_leaf(E + 0x3000, "Immortal");
    SAY(OURO_REC_IMMORTAL, .a = E + 0x3000);
    LINK(A, "immortal", E + 0x3000);

    ck_assert_uint_eq(only(found(), FINDING_CYCLE)->retained_bytes,
                      2 * 96 + 1000);
}
END_TEST

START_TEST(what_an_untracked_object_holds_goes_when_it_goes)
{
    AT(1);
    dead_pair(A, B);
    MALLOC(C, 100);
    NEW(C, "Tuple");
    SAY(OURO_REC_UNTRACK, .a = C);
    LINK(A, "tuple", C);
    MALLOC(D, 10);
    NEW(D, "Item");
    LINK(C, "item", D);

    ck_assert_uint_eq(only(found(), FINDING_CYCLE)->retained_bytes, 206);
}
END_TEST

START_TEST(an_object_behind_a_header_weighs_its_whole_block)
{
    AT(1);
    MALLOC(A, 80);
    NEW(A + 16, "BehindItsHeader");
    LINK(A + 16, "self", A + 16);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 80);
}
END_TEST

START_TEST(of_two_objects_in_a_block_each_weighs_itself)
{
    AT(1);
    MALLOC(A, 100);
    SAY(OURO_REC_NEW_AT, .a = A, .text = "First", .n = 1, .size = 30);
    SAY(OURO_REC_NEW_AT, .a = A + 40, .text = "Second", .n = 1, .size = 50);
    LINK(A, "other", A + 40);
    LINK(A + 40, "other", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->blocks, 1);
    ck_assert_uint_eq(f->bytes, 80);
}
END_TEST

START_TEST(a_block_that_is_owned_and_lived_in_counts_once)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Owner");
    MALLOC(B, 100);
    NEW(B, "Lodger");
    SAY(OURO_REC_OWN, .a = A, .b = B);
    LINK(A, "lodger", B);
    LINK(B, "owner", A);
    const struct finding *f = only(found(), FINDING_CYCLE);

    ck_assert_uint_eq(f->blocks, 2);
    ck_assert_uint_eq(f->bytes, 164);
}
END_TEST

Suite *cascade_suite(void);

Suite *cascade_suite(void)
{
    Suite *s = suite_create("cascade");
    TCase *t = tcase_create("retained");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, an_outer_ring_retains_the_inner_one);
    tcase_add_test(t, leaves_and_owned_blocks_go_with_their_owner);
    tcase_add_test(t, a_leaf_goes_with_one_ring_if_that_has_all_its_counts);
    tcase_add_test(t, what_an_untracked_object_holds_goes_when_it_goes);
    tcase_add_test(t, an_object_behind_a_header_weighs_its_whole_block);
    tcase_add_test(t, of_two_objects_in_a_block_each_weighs_itself);
    tcase_add_test(t, a_block_that_is_owned_and_lived_in_counts_once);
    suite_add_tcase(s, t);
    return s;
}
