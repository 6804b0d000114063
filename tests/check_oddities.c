/* SPDX-License-Identifier: MIT */
/* check_oddities.c - what does not fit is grouped, and nothing is counted twice
 */
#include "replay_kit.h"

#include <stdlib.h>

enum { T = 1, F = 2, G = 3 };
enum { A = 0x1000, B = 0x2000, C = 0x3000, NOTHING = 0x9000 };

static const struct oddity *only(const struct shadow *s, enum oddity_what what)
{
    const struct oddity *is = NULL;
    for (uint32_t i = 0; i < s->n_oddities; i++)
        if (s->oddities[i].what == what) {
            ck_assert_msg(!is, "there are two");
            is = &s->oddities[i];
        }
    ck_assert_msg(is, "there is none");
    return is;
}

START_TEST(events_about_nothing_are_grouped_by_kind_and_place)
{
    kit_stack = 7;
    INCREF(NOTHING);
    INCREF(NOTHING + 16);
    DECREF(NOTHING);
    kit_stack = 8;
    INCREF(NOTHING);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_oddities, 3);
    const struct oddity *k = &s->oddities[0];
    ck_assert_int_eq(k->what, ODDITY_UNKNOWN);
    ck_assert_int_eq(k->kind, OURO_REC_INCREF);
    ck_assert_uint_eq(k->stack, 7);
    ck_assert_uint_eq(k->n, 2);
    ck_assert_uint_eq(k->stamp, 1000);
    ck_assert_uint_eq(k->addr, NOTHING);
    ck_assert_int_eq(s->oddities[1].kind, OURO_REC_DECREF);
    ck_assert_uint_eq(s->oddities[2].stack, 8);
    ck_assert_uint_eq(s->totals.unannounced, 4);
}
END_TEST

START_TEST(the_address_is_the_one_that_is_not_known)
{
    MALLOC(A, 64);
    NEW(A, T);
    LINK(A, F, NOTHING);
    const struct shadow *s = result();

    ck_assert_uint_eq(only(s, ODDITY_UNKNOWN)->addr, NOTHING);
    ck_assert_uint_eq(only(s, ODDITY_UNKNOWN)->text, F);
}
END_TEST

START_TEST(an_owner_in_a_block_that_is_no_objects_is_unowned)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    LINK(B + 8, F, A);
    LINK(B + 8, F, A);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_oddities, 1);
    ck_assert_uint_eq(only(s, ODDITY_UNOWNED)->n, 2);
    ck_assert_uint_eq(only(s, ODDITY_UNOWNED)->addr, B + 8);
}
END_TEST

START_TEST(what_was_only_early_is_taken_back_and_the_rest_stays)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    MALLOC(C, 64);
    LINK(B, F, A);
    LINK(B, G, A);
    LINK(C, F, A);
    NEW(B, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_oddities, 1);
    ck_assert_uint_eq(only(s, ODDITY_UNOWNED)->n, 1);
    ck_assert_uint_eq(only(s, ODDITY_UNOWNED)->text, F);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(strangers_in_a_block_that_is_freed_stay_strangers)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    LINK(B, F, A);
    FREE(B);
    ck_assert_uint_eq(kit_replay.oddities.strangers.n_live, 0);
    MALLOC(B, 64);
    NEW(B, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(only(s, ODDITY_UNOWNED)->n, 1);
    ck_assert_uint_eq(s->totals.unannounced, 1);
}
END_TEST

START_TEST(room_that_is_taken_back_is_used_again)
{
    MALLOC(A, 64);
    NEW(A, T);
    for (uint32_t i = 0; i < 3 * ODDITIES_KEPT; i++) {
        kit_stack = i + 1;
        MALLOC(B, 64);
        LINK(B, F, A);
        NEW(B, T);
        FREE(B);
    }
    kit_stack = 5;
    INCREF(NOTHING);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_oddities, 1);
    ck_assert_uint_eq(only(s, ODDITY_UNKNOWN)->stack, 5);
}
END_TEST

START_TEST(beyond_the_limit_they_are_only_counted)
{
    for (uint32_t i = 0; i < ODDITIES_KEPT + 500; i++) {
        kit_stack = i + 1;
        INCREF(NOTHING);
    }
    kit_stack = 1;
    INCREF(NOTHING);
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    LINK(B, F, A);
    NEW(B, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(s->n_oddities, ODDITIES_KEPT);
    ck_assert_uint_eq(s->oddities[0].n, 2);
    ck_assert_uint_eq(s->totals.unannounced, ODDITIES_KEPT + 501);
}
END_TEST

START_TEST(the_other_sorts_name_the_type_and_the_field)
{
    MALLOC(A, 64);
    NEW(A, T);
    MALLOC(B, 64);
    NEW(B, T);
    UNLINK(A, G, B);
    kit_stack = 9;
    LINK(A, F, B);
    kit_stack = 0;
    FREE(B);
    NEW(A, T);
    const struct shadow *s = result();

    ck_assert_uint_eq(only(s, ODDITY_UNMATCHED)->text, G);
    ck_assert_uint_eq(only(s, ODDITY_UNMATCHED)->type, T);
    ck_assert_uint_eq(only(s, ODDITY_UNMATCHED)->addr, B);
    ck_assert_uint_eq(only(s, ODDITY_DANGLING)->text, F);
    ck_assert_uint_eq(only(s, ODDITY_DANGLING)->stack, 9);
    ck_assert_uint_eq(only(s, ODDITY_RENEWED)->addr, A);
    ck_assert_uint_eq(s->totals.unannounced, 0);
}
END_TEST

/* Whatever is said, in any order: the groups add up to the totals. */
START_TEST(groups_add_up_to_the_totals)
{
    unsigned seed = 1000 + (unsigned)_i;
    for (int n = 0; n < 400; n++) {
        const uint64_t p = A + 0x40 * (uint64_t)(rand_r(&seed) % 8);
        const uint64_t q = A + 0x40 * (uint64_t)(rand_r(&seed) % 8);
        const uint32_t field = (uint32_t)(rand_r(&seed) % 2) + F;
        kit_stack = (uint32_t)(rand_r(&seed) % 3);
        switch (rand_r(&seed) % 9) {
        case 0:
            MALLOC(p, 64);
            break;
        case 1:
            FREE(p);
            break;
        case 2:
            NEW(p, T);
            break;
        case 3:
            INCREF(p);
            break;
        case 4:
            OWN(p, q);
            break;
        case 5:
            UNLINK(p + 8, field, q);
            break;
        case 6:
            DEAD(p);
            break;
        default:
            LINK(p + 8, field, q);
        }
    }
    const struct shadow *s = result();

    uint64_t n[N_ODDITIES] = {0};
    for (uint32_t i = 0; i < s->n_oddities; i++)
        n[s->oddities[i].what] += s->oddities[i].n;
    ck_assert_msg(n[ODDITY_UNKNOWN] + n[ODDITY_UNOWNED] ==
                          s->totals.unannounced &&
                      n[ODDITY_UNMATCHED] == s->totals.unmatched_unlinks &&
                      n[ODDITY_RENEWED] == s->totals.renewed &&
                      n[ODDITY_DANGLING] == s->totals.dangling_links,
                  "seed %d", 1000 + _i);
}
END_TEST

Suite *oddities_suite(void);

Suite *oddities_suite(void)
{
    Suite *s = suite_create("oddities");
    TCase *t = tcase_create("groups");
    tcase_add_checked_fixture(t, kit_begin, kit_end);
    tcase_add_test(t, events_about_nothing_are_grouped_by_kind_and_place);
    tcase_add_test(t, the_address_is_the_one_that_is_not_known);
    tcase_add_test(t, an_owner_in_a_block_that_is_no_objects_is_unowned);
    tcase_add_test(t, what_was_only_early_is_taken_back_and_the_rest_stays);
    tcase_add_test(t, strangers_in_a_block_that_is_freed_stay_strangers);
    tcase_add_test(t, room_that_is_taken_back_is_used_again);
    tcase_add_test(t, beyond_the_limit_they_are_only_counted);
    tcase_add_test(t, the_other_sorts_name_the_type_and_the_field);
    tcase_add_loop_test(t, groups_add_up_to_the_totals, 0, 200);
    suite_add_tcase(s, t);
    return s;
}
