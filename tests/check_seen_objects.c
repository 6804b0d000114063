/* SPDX-License-Identifier: MIT */
/* check_seen_objects.c - counts and references, beside what memory holds */
#include "lost_kit.h"

static enum reach reach_of_one(uint64_t word)
{
    AT(1);
    MAKE(A, 16, "Node");
    look();
    if (word)
        WORD(ROOT, word);
    look_at_heap();
    return only(found(), FINDING_UNBALANCED)->reach;
}

START_TEST(an_object_that_a_root_points_at_is_reachable)
{
    ck_assert_int_eq(reach_of_one(A), REACH_REACHABLE);
}
END_TEST

START_TEST(an_object_that_only_an_interior_word_may_hold_is_possible)
{
    ck_assert_int_eq(reach_of_one(A + 4), REACH_POSSIBLE);
}
END_TEST

START_TEST(an_object_that_nothing_points_at_is_definite)
{
    ck_assert_int_eq(reach_of_one(0), REACH_DEFINITE);
}
END_TEST

START_TEST(an_object_that_came_later_is_unknown)
{
    look();
    look_at_heap();
    go_on();
    AT(1);
    MAKE(A, 16, "Node");

    ck_assert_int_eq(only(found(), FINDING_UNBALANCED)->reach, REACH_UNKNOWN);
}
END_TEST

/* Counts were announced, and no references. */
START_TEST(a_ring_that_only_memory_shows_is_told_once)
{
    AT(1);
    MAKE(A, 16, "Parent");
    AT(2);
    MAKE(B, 24, "Child");
    look();
    look_at_heap();
    WORD(A, B);
    WORD(B, A);
    const struct finding *f = only(found(), FINDING_UNBALANCED);

    ck_assert_str_eq(f->shape, "ring");
    ck_assert_str_eq(f->evidence, "scanned");
    ck_assert_str_eq(f->types[0].type, "Parent");
    ck_assert_int_eq(f->generation, -1);
    ck_assert_uint_eq(f->objects, 2);
    ck_assert_uint_eq(f->bytes, 40);
}
END_TEST

START_TEST(a_word_of_a_lost_object_explains_a_count)
{
    AT(1);
    MAKE(A, 16, "Head");
    AT(2);
    MAKE(B, 24, "Tail");
    look();
    look_at_heap();
    WORD(A, B);
    const struct finding *f = only(found(), FINDING_UNBALANCED);

    ck_assert_str_eq(f->types[0].type, "Head");
    ck_assert_uint_eq(f->retained_bytes, 40);
}
END_TEST

START_TEST(it_explains_one_count_and_not_two)
{
    AT(1);
    MAKE(A, 16, "Head");
    AT(2);
    MAKE(B, 24, "Tail");
    TAKE(B);
    look();
    look_at_heap();
    WORD(A, B);

    ck_assert_uint_eq(how_many(found(), FINDING_UNBALANCED), 2);
}
END_TEST

START_TEST(a_reference_that_was_announced_explains_no_other_count)
{
    AT(1);
    MAKE(A, 16, "Head");
    AT(2);
    MAKE(B, 24, "Tail");
    TAKE(B);
    HOLD(A, "tail", B);
    look();
    look_at_heap();
    WORD(A, B);

    ck_assert_uint_eq(how_many(found(), FINDING_UNBALANCED), 2);
}
END_TEST

START_TEST(references_that_memory_does_not_show_explain_nothing)
{
    AT(1);
    MAKE(A, 16, "Head");
    MAKE(C, 16, "Head");
    AT(2);
    MAKE(B, 24, "Tail");
    TAKE(B);
    TAKE(B);
    HOLD(A, "tail", B);
    HOLD(C, "tail", B);
    look();
    look_at_heap();
    WORD(A, B);
    const struct findings *f = found();

    ck_assert_uint_eq(how_many(f, FINDING_UNBALANCED), 2);
}
END_TEST

/* A holds B by an announced slot; what does the slot hold? */
static const struct finding *ghost(uint64_t word)
{
    AT(1);
    MAKE(A, 16, "Owner");
    AT(2);
    MAKE(B, 24, "Target");
    HOLD_AT(A, "field", A + 8, B);
    look();
    WORD(ROOT, A);
    WORD(ROOT + 8, B);
    look_at_heap();
    if (word)
        WORD(A + 8, word);
    const struct findings *f = found();
    return how_many(f, FINDING_GHOST_EDGE) ? only(f, FINDING_GHOST_EDGE) : NULL;
}

START_TEST(a_slot_that_holds_its_target_is_none)
{
    ck_assert_ptr_null(ghost(B));
}
END_TEST

START_TEST(a_slot_that_holds_an_address_in_its_target_is_none)
{
    ck_assert_ptr_null(ghost(B + 1));
}
END_TEST

START_TEST(a_slot_that_holds_something_else_is_a_ghost)
{
    const struct finding *f = ghost(A);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_str_eq(f->edges[0].field, "field");
    ck_assert_str_eq(f->members[0].type, "Owner");
    ck_assert_str_eq(f->members[1].type, "Target");
}
END_TEST

/* A pointer with a tag looks so, too. */
START_TEST(a_slot_that_shows_nothing_is_possibly_one)
{
    const struct finding *f = ghost(0);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(f->reach, REACH_POSSIBLE);
}
END_TEST

START_TEST(it_is_surely_one_where_others_of_that_field_show)
{
    AT(1);
    MAKE(A, 16, "Owner");
    MAKE(B, 16, "Owner");
    AT(2);
    MAKE(C, 24, "Target");
    TAKE(C);
    HOLD_AT(A, "field", A + 8, C);
    HOLD_AT(B, "field", B + 8, C);
    look();
    WORD(ROOT, A);
    WORD(ROOT + 8, B);
    look_at_heap();
    WORD(A + 8, C);
    const struct finding *f = only(found(), FINDING_GHOST_EDGE);

    ck_assert_int_eq(f->reach, REACH_DEFINITE);
    ck_assert_uint_eq(f->instances, 1);
    ck_assert_uint_eq(f->members[0].addr, B);
}
END_TEST

/* Two owners of one target, without slots: which of them show a word? */
static uint32_t n_ghosts(bool first, bool second)
{
    AT(1);
    MAKE(A, 16, "Owner");
    MAKE(B, 16, "Owner");
    AT(2);
    MAKE(C, 24, "Target");
    TAKE(C);
    HOLD(A, "field", C);
    HOLD(B, "field", C);
    look();
    WORD(ROOT, C);
    look_at_heap();
    if (first)
        WORD(A, C);
    if (second)
        WORD(B + 8, C + 8);
    const struct findings *f = found();
    if (how_many(f, FINDING_GHOST_EDGE) > 0)
        ck_assert_int_eq(only(f, FINDING_GHOST_EDGE)->reach, REACH_POSSIBLE);
    return how_many(f, FINDING_GHOST_EDGE);
}

START_TEST(any_word_in_the_owner_will_do_where_no_slot_was_said)
{
    ck_assert_uint_eq(n_ghosts(true, true), 0);
}
END_TEST

START_TEST(an_owner_without_any_word_of_its_target_is_possibly_a_ghost)
{
    ck_assert_uint_eq(n_ghosts(true, false), 1);
}
END_TEST

START_TEST(fields_that_never_hold_a_pointer_are_no_ghosts)
{
    ck_assert_uint_eq(n_ghosts(false, false), 0);
}
END_TEST

START_TEST(a_slot_in_memory_that_moved_is_not_judged)
{
    AT(1);
    MAKE(A, 16, "Owner");
    GET(C, 64);
    DO(OURO_REC_OWN, .a = A, .b = C);
    AT(2);
    MAKE(B, 24, "Target");
    HOLD_AT(A, "items", C + 8, B);
    DO(OURO_REALLOC_BEGIN, .a = C);
    DO(OURO_REALLOC_END, .a = D, .size = 128);
    look();
    WORD(ROOT, A);
    look_at_heap();
    WORD(A, D);
    WORD(D + 8, B);

    ck_assert_uint_eq(how_many(found(), FINDING_GHOST_EDGE), 0);
}
END_TEST

START_TEST(a_slot_in_another_block_is_not_judged)
{
    AT(1);
    MAKE(A, 16, "Owner");
    GET(D, 64);
    AT(2);
    MAKE(B, 24, "Target");
    HOLD_AT(A, "field", D + 8, B);
    look();
    WORD(ROOT, A);
    WORD(ROOT + 8, B);
    look_at_heap();
    WORD(D + 8, A);

    ck_assert_uint_eq(how_many(found(), FINDING_GHOST_EDGE), 0);
}
END_TEST

Suite *seen_objects_suite(void);
Suite *seen_objects_suite(void)
{
    Suite *s = suite_create("seen_objects");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, memory_begin, lost_end);
    tcase_add_test(t, an_object_that_a_root_points_at_is_reachable);
    tcase_add_test(t,
                   an_object_that_only_an_interior_word_may_hold_is_possible);
    tcase_add_test(t, an_object_that_nothing_points_at_is_definite);
    tcase_add_test(t, an_object_that_came_later_is_unknown);
    tcase_add_test(t, a_ring_that_only_memory_shows_is_told_once);
    tcase_add_test(t, a_word_of_a_lost_object_explains_a_count);
    tcase_add_test(t, it_explains_one_count_and_not_two);
    tcase_add_test(t, a_reference_that_was_announced_explains_no_other_count);
    tcase_add_test(t, a_slot_that_holds_its_target_is_none);
    tcase_add_test(t, a_slot_that_holds_an_address_in_its_target_is_none);
    tcase_add_test(t, a_slot_that_holds_something_else_is_a_ghost);
    tcase_add_test(t, a_slot_that_shows_nothing_is_possibly_one);
    tcase_add_test(t, it_is_surely_one_where_others_of_that_field_show);
    tcase_add_test(t, any_word_in_the_owner_will_do_where_no_slot_was_said);
    tcase_add_test(t,
                   an_owner_without_any_word_of_its_target_is_possibly_a_ghost);
    tcase_add_test(t, fields_that_never_hold_a_pointer_are_no_ghosts);
    tcase_add_test(t, a_slot_in_memory_that_moved_is_not_judged);
    tcase_add_test(t, references_that_memory_does_not_show_explain_nothing);
    tcase_add_test(t, a_slot_in_another_block_is_not_judged);
    suite_add_tcase(s, t);
    return s;
}
