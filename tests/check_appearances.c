/* SPDX-License-Identifier: MIT */
/* check_appearances.c - which checkpoint a finding came about after */
#include "finding_kit.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000, STEP = 0x1000 };

static void checkpoint(const char *name)
{
    SAY(OURO_REC_CHECKPOINT, .text = name);
}

/* "3 of one, 1 of two"; "none" is before the first. */
static void expect(const struct finding *f, const char *what)
{
    char text[512] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < f->n_checkpoints; i++) {
        const struct finding_checkpoint *c = &f->checkpoints[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%u of %s",
                                i > 0 ? ", " : "", (unsigned)c->instances,
                                c->number > 0 ? c->name : "none");
    }
    ck_assert_str_eq(text, what);
}

START_TEST(a_leak_tells_each_checkpoint_with_how_many)
{
    kit_begin();
    AT(1);
    MALLOC(A, 8);
    checkpoint("one");
    AT(1);
    MALLOC(B, 8);
    MALLOC(C, 8);
    checkpoint("two");
    checkpoint("three");
    AT(1);
    MALLOC(D, 8);

    expect(only(found(), FINDING_LEAK), "1 of none, 2 of one, 1 of three");
}
END_TEST

START_TEST(checkpoints_of_one_name_are_one_at_the_first)
{
    kit_begin();
    for (unsigned i = 0; i < 4; i++) {
        checkpoint(i % 2 ? "odd" : "even");
        AT(1);
        MALLOC(A + i * STEP, 8);
    }
    const struct finding *f = only(found(), FINDING_LEAK);

    expect(f, "2 of even, 2 of odd");
    ck_assert_uint_eq(f->checkpoints[0].number, 1);
    ck_assert_uint_eq(f->checkpoints[1].number, 2);
}
END_TEST

START_TEST(leaks_of_the_same_functions_are_told_together)
{
    kit_begin();
    checkpoint("one");
    AT(1);
    MALLOC(A, 8);
    checkpoint("two");
    AT(1);
    CALLOC(B, 8);

    expect(only(found(), FINDING_LEAK), "1 of one, 1 of two");
}
END_TEST

static void ring(uint64_t a, uint64_t b)
{
    AT(1);
    MALLOC(a, 8);
    NEW(a, "Node");
    AT(1);
    MALLOC(b, 8);
    NEW(b, "Node");
}

START_TEST(a_cycle_came_about_when_it_was_closed)
{
    kit_begin();
    checkpoint("made");
    ring(A, B);
    LINK(A, "next", B);
    checkpoint("closed");
    LINK(B, "next", A);
    checkpoint("later");
    ring(C, D);
    LINK(C, "next", D);
    LINK(D, "next", C);

    expect(only(found(), FINDING_CYCLE), "1 of closed, 1 of later");
}
END_TEST

START_TEST(a_misuse_came_about_when_it_happened)
{
    kit_begin();
    checkpoint("one");
    AT(1);
    MALLOC(A, 8);
    FREE(A);
    checkpoint("two");
    FREE(A);

    expect(only(found(), FINDING_MISUSE), "1 of two");
}
END_TEST

START_TEST(an_object_came_about_when_it_was_made)
{
    kit_begin();
    checkpoint("one");
    AT(1);
    MALLOC(A, 8);
    NEW(A, "Node");
    checkpoint("two");
    INCREF(A);

    expect(only(found(), FINDING_UNBALANCED), "1 of one");
}
END_TEST

START_TEST(without_checkpoints_nothing_is_told)
{
    kit_begin();
    SAY(OURO_REC_SNAPSHOT, .text = "no checkpoint");
    AT(1);
    MALLOC(A, 8);

    expect(only(found(), FINDING_LEAK), "");
}
END_TEST

START_TEST(any_number_of_them_is_told)
{
    enum { MANY = 3000 };
    kit_begin();
    for (unsigned i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "test %u", i);
        checkpoint(name);
        AT(1);
        MALLOC(A + i * STEP, 8);
    }
    const struct finding *f = only(found(), FINDING_LEAK);

    ck_assert_uint_eq(f->n_checkpoints, MANY);
    for (unsigned i = 0; i < MANY; i++)
        ck_assert_uint_eq(f->checkpoints[i].number, i + 1);
}
END_TEST

Suite *appearances_suite(void);

Suite *appearances_suite(void)
{
    Suite *s = suite_create("appearances");
    TCase *t = tcase_create("checkpoints");
    tcase_add_checked_fixture(t, NULL, kit_release);
    tcase_add_test(t, a_leak_tells_each_checkpoint_with_how_many);
    tcase_add_test(t, checkpoints_of_one_name_are_one_at_the_first);
    tcase_add_test(t, leaks_of_the_same_functions_are_told_together);
    tcase_add_test(t, a_cycle_came_about_when_it_was_closed);
    tcase_add_test(t, a_misuse_came_about_when_it_happened);
    tcase_add_test(t, an_object_came_about_when_it_was_made);
    tcase_add_test(t, without_checkpoints_nothing_is_told);
    tcase_add_test(t, any_number_of_them_is_told);
    suite_add_tcase(s, t);
    return s;
}
