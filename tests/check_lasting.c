/* SPDX-License-Identifier: MIT */
/* check_lasting.c - fewer counts than references, for a moment and for long */
#include "finding_kit.h"

enum { OWNER = 0x1000, ITEM = 0x2000 };

/* A list that a global holds twice, and that a global holds once more than it
   has counts for. */
static void begin(void)
{
    kit_begin();
    AT(1);
    MALLOC(OWNER, 64);
    NEW(OWNER, "List");
    SAY(OURO_REC_ROOT, .text = "all", .b = OWNER);
    AT(2);
    MALLOC(ITEM, 32);
    NEW(ITEM, "Item");
    LINK(OWNER, "first", ITEM);
    LINK(OWNER, "last", ITEM);
}

static void collection(void)
{
    SAY(OURO_REC_COLLECT, .n = 2);
}

static void mend(void)
{
    AT(3);
    INCREF(ITEM);
}

START_TEST(what_is_short_over_two_collections_is_an_over_release)
{
    collection();
    collection();
    mend();
    const struct finding *f = only(found(), FINDING_OVER_RELEASE);
    ck_assert_str_eq(
        f->what,
        "had fewer counts than references over two collections and more");
    ck_assert_str_eq(f->types[0].type, "Item");
    ck_assert_uint_eq(f->birth_stack.at[0].offset, 3 * SITES);
    ck_assert_uint_eq(f->instances, 1);
}
END_TEST

START_TEST(what_is_short_for_one_collection_was_on_its_way)
{
    collection();
    mend();
    collection();
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
}
END_TEST

START_TEST(an_event_in_between_begins_anew)
{
    collection();
    INCREF(ITEM);
    DECREF(ITEM);
    collection();
    mend();
    ck_assert_uint_eq(how_many(found(), FINDING_OVER_RELEASE), 0);
}
END_TEST

START_TEST(what_is_short_still_is_told_once)
{
    collection();
    collection();
    collection();
    ck_assert_uint_eq(only(found(), FINDING_OVER_RELEASE)->n_members, 2);
}
END_TEST

Suite *lasting_suite(void);

Suite *lasting_suite(void)
{
    Suite *s = suite_create("lasting");
    TCase *t = tcase_create("findings");
    tcase_add_checked_fixture(t, begin, kit_release);
    tcase_add_test(t, what_is_short_over_two_collections_is_an_over_release);
    tcase_add_test(t, what_is_short_for_one_collection_was_on_its_way);
    tcase_add_test(t, an_event_in_between_begins_anew);
    tcase_add_test(t, what_is_short_still_is_told_once);
    suite_add_tcase(s, t);
    return s;
}
