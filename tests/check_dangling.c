/* SPDX-License-Identifier: MIT */
/* check_dangling.c - what died while it was held, and by whom */
#include "finding_kit.h"

enum { OWNER = 0x1000, ITEM = 0x2000, OTHER = 0x3000 };

/* A list that is held by a global, and an item that it holds and that dies. */
static void begin(void)
{
    kit_begin();
    AT(1);
    MALLOC(OWNER, 64);
    NEW(OWNER, "List");
    SAY(OURO_REC_ROOT, .text = "all", .b = OWNER);
}

static void make_item(uint64_t item)
{
    AT(2);
    MALLOC(item, 32);
    NEW(item, "Item");
    AT(3);
    LINK(OWNER, "first", item);
}

static void drop(uint64_t item)
{
    AT(4);
    DECREF(item);
    SAY(OURO_REC_DEAD, .a = item);
    FREE(item);
}

START_TEST(a_reference_that_outlives_its_target_is_an_over_release)
{
    make_item(ITEM);
    drop(ITEM);
    const struct findings *f = found();
    ck_assert_uint_eq(how_many(f, FINDING_OVER_RELEASE), 1);
    const struct finding *o = &f->at[0];
    ck_assert_str_eq(o->what,
                     "died while List.first held it, and holds it yet");
    ck_assert_str_eq(o->types[0].type, "Item");
    ck_assert(o->has_death);
    ck_assert_uint_eq(o->stack.at[0].offset, 4 * SITES);
    ck_assert_uint_eq(o->death_stack.at[0].offset, 5 * SITES);
    ck_assert_uint_eq(o->birth_stack.at[0].offset, 3 * SITES);
}
END_TEST

START_TEST(an_owner_that_dies_next_held_nothing_dead)
{
    make_item(ITEM);
    drop(ITEM);
    SAY(OURO_REC_UNROOT, .text = "all", .b = OWNER);
    drop(OWNER);
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
}
END_TEST

START_TEST(what_is_unlinked_late_is_unlinked)
{
    make_item(ITEM);
    drop(ITEM);
    UNLINK(OWNER, "first", ITEM);
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
    ck_assert_uint_eq(kit.s.totals.unannounced, 0);
    ck_assert_uint_eq(kit.s.totals.unlinks, 1);
}
END_TEST

START_TEST(a_field_that_holds_something_else_holds_nothing_dead)
{
    make_item(ITEM);
    drop(ITEM);
    make_item(OTHER);
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
}
END_TEST

START_TEST(a_block_freed_with_counts_left_is_told_once)
{
    make_item(ITEM);
    AT(4);
    FREE(ITEM);
    const struct findings *f = found();
    ck_assert_uint_eq(how_many(f, FINDING_OVER_RELEASE), 0);
    ck_assert_uint_eq(how_many(f, FINDING_MISUSE), 1);
}
END_TEST

START_TEST(what_an_immortal_owner_holds_is_not_told)
{
    SAY(OURO_REC_IMMORTAL, .a = OWNER);
    make_item(ITEM);
    drop(ITEM);
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
}
END_TEST

START_TEST(a_thousand_of_one_place_are_one_finding)
{
    for (uint64_t i = 0; i < 1000; i++) {
        AT(2);
        MALLOC(ITEM + 64 * i, 32);
        NEW(ITEM + 64 * i, "Item");
        AT(3);
        SAY(OURO_REC_LINK_AT, .a = OWNER, .text = "items", .n = (int64_t)i,
            .b = ITEM + 64 * i);
        drop(ITEM + 64 * i);
    }
    const struct findings *f = found();
    ck_assert_uint_eq(how_many(f, FINDING_OVER_RELEASE), 1);
    ck_assert_uint_eq(f->at[0].instances, 1000);
}
END_TEST

Suite *dangling_suite(void);

Suite *dangling_suite(void)
{
    Suite *s = suite_create("dangling");
    TCase *t = tcase_create("findings");
    tcase_add_checked_fixture(t, begin, kit_release);
    tcase_add_test(t, a_reference_that_outlives_its_target_is_an_over_release);
    tcase_add_test(t, an_owner_that_dies_next_held_nothing_dead);
    tcase_add_test(t, what_is_unlinked_late_is_unlinked);
    tcase_add_test(t, a_field_that_holds_something_else_holds_nothing_dead);
    tcase_add_test(t, a_block_freed_with_counts_left_is_told_once);
    tcase_add_test(t, what_an_immortal_owner_holds_is_not_told);
    tcase_add_test(t, a_thousand_of_one_place_are_one_finding);
    suite_add_tcase(s, t);
    return s;
}
