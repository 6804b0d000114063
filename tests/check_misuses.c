/* SPDX-License-Identifier: MIT */
/* check_misuses.c - misuse is said where it is certain, and only there */
#include "replay_kit.h"

enum { T = 1, F = 2, POOL = 0x500 };
enum { A = 0x1000, B = 0x2000, C = 0x3000, STATIC = 0x100 };

static void one_misuse(const struct shadow *s, enum misuse what, uint64_t addr)
{
    ck_assert_uint_eq(s->n_misuses, 1);
    ck_assert_int_eq(s->misuses[0].what, what);
    ck_assert_uint_eq(s->misuses[0].addr, addr);
    for (int i = 0; i < N_MISUSES; i++)
        ck_assert_uint_eq(s->all_misuses[i], i == (int)what);
}

START_TEST(the_second_free_of_a_block_is_a_double_free)
{
    kit_stack = 5;
    MALLOC(A, 16);
    kit_stack = 0;
    FREE(A);
    kit_stack = 6;
    FREE(A);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_DOUBLE_FREE, A);
    ck_assert_uint_eq(s->misuses[0].birth_stack, 5);
    ck_assert_uint_eq(s->misuses[0].stack, 6);
    ck_assert_uint_eq(s->misuses[0].stamp, 1002);
    ck_assert_uint_eq(s->totals.unknown_frees, 0);
}
END_TEST

START_TEST(a_free_of_what_was_handed_out_before_recording_is_unknown)
{
    FREE(A);
    FREE(A);
    REALLOC_BEGIN(B);
    REALLOC_END(C, 16);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->totals.unknown_frees, 3);
    ck_assert_uint_eq(s->totals.order_conflicts, 0);
    ck_assert_uint_eq(s->n_blocks, 1);
}
END_TEST

START_TEST(an_address_handed_out_again_is_no_double_free)
{
    MALLOC(A, 16);
    FREE(A);
    MALLOC(A, 16);
    FREE(A);

    ck_assert_uint_eq(result()->n_misuses, 0);
}
END_TEST

START_TEST(after_lost_events_no_double_free_is_certain)
{
    MALLOC(A, 16);
    FREE(A);
    SAY(OURO_LOST, .n = 3);
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->totals.unknown_frees, 1);
}
END_TEST

START_TEST(after_a_gap_only_what_was_freed_since_is_certain)
{
    MALLOC(A, 16);
    MALLOC(B, 16);
    FREE(A);
    SAY(OURO_GAP, .a = 0);
    FREE(B);
    FREE(A);
    FREE(B);

    one_misuse(result(), MISUSE_DOUBLE_FREE, B);
}
END_TEST

START_TEST(where_allocations_go_past_us_no_double_free_is_certain)
{
    MALLOC(A, 16);
    FREE(A);
    FREE(A);
    MALLOC(B, 16);
    NEW(B, T);
    DEAD(B);
    DECREF(B);
    SAY(OURO_GAP, .flags = OURO_GAP_MODULE);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_RELEASE_OF_DEAD, B);
    ck_assert_uint_eq(s->totals.unknown_frees, 1);
}
END_TEST

START_TEST(an_address_handed_out_twice_at_once_is_never_freed_twice)
{
    MALLOC(A, 16);
    MALLOC(B, 16);
    MALLOC(A, 16); /* so it was freed unseen */
    FREE(A);
    FREE(A);
    FREE(B);
    FREE(B);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_DOUBLE_FREE, B);
    ck_assert_uint_eq(s->totals.order_conflicts, 1);
    ck_assert_uint_eq(s->totals.unknown_frees, 1);
}
END_TEST

START_TEST(what_a_forked_child_frees_unseen_was_inherited)
{
    kit_replay.forked = true;
    FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->totals.inherited_frees, 1);
    ck_assert_uint_eq(s->totals.unknown_frees, 0);
}
END_TEST

START_TEST(giving_up_a_dead_object_is_a_release_of_the_dead)
{
    kit_stack = 5;
    MALLOC(A, 16);
    NEW(A, T);
    kit_stack = 0;
    DEAD(A);
    DECREF(A);
    FREE(A);
    RELEASE(A, 7);
    DEAD(A);
    INCREF(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 3);
    ck_assert_uint_eq(s->all_misuses[MISUSE_RELEASE_OF_DEAD], 3);
    ck_assert_uint_eq(s->misuses[0].type, T);
    ck_assert_uint_eq(s->misuses[0].birth_stack, 5);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(a_release_of_the_dead_says_who_died_and_where)
{
    MALLOC(A, 16);
    NEW(A, T);
    SAY(OURO_REC_LABEL, .a = A, .text = F);
    DECREF(A);
    kit_stack = 7;
    DEAD(A);
    kit_stack = 8;
    DECREF(A);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_RELEASE_OF_DEAD, A);
    ck_assert_uint_eq(s->misuses[0].label, F);
    ck_assert_uint_eq(s->misuses[0].stack, 8);
    ck_assert_uint_eq(s->misuses[0].death_stack, 7);
    ck_assert_uint_eq(s->misuses[0].death_stamp, 1004);
}
END_TEST

START_TEST(what_died_without_a_stack_died_of_its_last_release)
{
    MALLOC(A, 16);
    NEW(A, T);
    INCREF(A);
    kit_stack = 5;
    DECREF(A);
    kit_stack = 6;
    DECREF(A);
    kit_stack = 0;
    FREE(A);
    DECREF(A);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_RELEASE_OF_DEAD, A);
    ck_assert_uint_eq(s->misuses[0].death_stack, 6);
    ck_assert_uint_eq(s->misuses[0].death_stamp, 1005);
}
END_TEST

START_TEST(where_memory_was_handed_out_since_nobody_knows_who_is_meant)
{
    MALLOC(A, 16);
    NEW_AT(A, T, 0, 0);
    FREE(A);
    MALLOC(A, 16);
    DECREF(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(a_count_that_falls_below_zero_is_said_once)
{
    MALLOC(A, 16);
    NEW(A, T);
    DECREF(A);
    DECREF(A);
    DECREF(A);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_NEGATIVE, A);
    ck_assert_int_eq(s->objects[0].rc, -2);
}
END_TEST

START_TEST(what_lives_with_a_count_that_came_down_to_zero_is_a_zombie)
{
    MALLOC(A, 16);
    NEW(A, T);
    DECREF(A);
    MALLOC(B, 16);
    NEW_AT(B, T, 0, 0);
    MALLOC(C, 16);
    NEW(C, T);
    MARK(OURO_REC_IMMORTAL, C);
    DECREF(C);

    one_misuse(result(), MISUSE_ZOMBIE, A);
}
END_TEST

START_TEST(freeing_a_block_of_counted_objects_is_misuse)
{
    MALLOC(A, 64);
    NEW(A, T);
    NEW_AT(A + 16, T, 0, 8);
    MALLOC(B, 64);
    NEW(B, T);
    DEAD(B);
    FREE(B);
    FREE(A);

    one_misuse(result(), MISUSE_FREED_OWNER, A);
}
END_TEST

START_TEST(a_block_whose_address_shows_that_it_is_gone_is_no_misuse)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(A, 64);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, 0);
    ck_assert_uint_eq(s->n_objects, 0);
    ck_assert_uint_eq(s->n_blocks, 1);
    ck_assert_uint_eq(s->totals.order_conflicts, 1);
    ck_assert_uint_eq(s->totals.live_blocks, 1);
    ck_assert_uint_eq(s->totals.live_bytes, 64);
}
END_TEST

START_TEST(beyond_a_thousand_misuses_are_only_counted)
{
    MALLOC(A, 64);
    FREE(A);
    for (int i = 0; i < 1500; i++)
        FREE(A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_misuses, MISUSES_KEPT);
    ck_assert_uint_eq(s->all_misuses[MISUSE_DOUBLE_FREE], 1500);
}
END_TEST

START_TEST(the_dead_are_forgotten_when_they_are_too_many)
{
    for (int i = 0; i <= DEAD_KEPT; i++) {
        MALLOC(A + 32 * (uint64_t)i, 16);
        NEW_AT(A + 32 * (uint64_t)i, T, 0, 0);
        FREE(A + 32 * (uint64_t)i);
    }
    DECREF(A);
    DECREF(A + 32);
    const struct shadow *s = result();

    one_misuse(s, MISUSE_RELEASE_OF_DEAD, A + 32);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

Suite *misuses_suite(void);

Suite *misuses_suite(void)
{
    Suite *s = suite_create("misuses");
    TCase *t = tcase_create("blocks");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, the_second_free_of_a_block_is_a_double_free);
    tcase_add_test(t,
                   a_free_of_what_was_handed_out_before_recording_is_unknown);
    tcase_add_test(t, an_address_handed_out_again_is_no_double_free);
    tcase_add_test(t, after_lost_events_no_double_free_is_certain);
    tcase_add_test(t, after_a_gap_only_what_was_freed_since_is_certain);
    tcase_add_test(t, where_allocations_go_past_us_no_double_free_is_certain);
    tcase_add_test(t, an_address_handed_out_twice_at_once_is_never_freed_twice);
    tcase_add_test(t, what_a_forked_child_frees_unseen_was_inherited);
    tcase_add_test(t, freeing_a_block_of_counted_objects_is_misuse);
    tcase_add_test(t, a_block_whose_address_shows_that_it_is_gone_is_no_misuse);
    tcase_add_test(t, beyond_a_thousand_misuses_are_only_counted);
    suite_add_tcase(s, t);

    t = tcase_create("objects");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, giving_up_a_dead_object_is_a_release_of_the_dead);
    tcase_add_test(t, a_release_of_the_dead_says_who_died_and_where);
    tcase_add_test(t, what_died_without_a_stack_died_of_its_last_release);
    tcase_add_test(t,
                   where_memory_was_handed_out_since_nobody_knows_who_is_meant);
    tcase_add_test(t, a_count_that_falls_below_zero_is_said_once);
    tcase_add_test(t,
                   what_lives_with_a_count_that_came_down_to_zero_is_a_zombie);
    tcase_add_test(t, the_dead_are_forgotten_when_they_are_too_many);
    suite_add_tcase(s, t);
    return s;
}
