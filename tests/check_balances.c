/* SPDX-License-Identifier: MIT */
/* check_balances.c - counts that do not add up, and what no program may do */
#include "finding_kit.h"
#include "trace/trace_writer.h"

enum { A = 0x10000, B = 0x20000, C = 0x30000, D = 0x40000 };

START_TEST(objects_with_a_count_too_many_are_told_by_type_and_site)
{
    AT(1);
    for (uint64_t i = 0; i < 100; i++) {
        MALLOC(A + 0x40 * i, 32);
        NEW(A + 0x40 * i, i % 2 ? "Odd" : "Even");
    }
    AT(2);
    MALLOC(A + 0x40 * 100, 32);
    NEW(A + 0x40 * 100, "Odd");
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 3);
    ck_assert_uint_eq(how_many(f, FINDING_UNBALANCED), 3);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(f->at[i].instances, 50);
        ck_assert_uint_eq(f->at[i].bytes, 1600);
        ck_assert_uint_eq(f->at[i].n_members, 1);
        ck_assert_uint_eq(f->at[i].types[0].count, 50);
        ck_assert_int_eq(f->at[i].reach, REACH_UNKNOWN);
    }
    ck_assert_uint_eq(f->at[2].instances, 1);
}
END_TEST

START_TEST(a_missing_release_is_told_and_what_it_holds_is_not)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Kept");
    INCREF(A);
    DECREF(A);
    MALLOC(B, 64);
    NEW(B, "Held");
    LINK(A, "it", B);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 1);
    ck_assert_str_eq(f->at[0].types[0].type, "Kept");
}
END_TEST

START_TEST(what_a_root_reaches_is_not_unbalanced)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Global");
    SAY(OURO_REC_ROOT, .text = "the_global", .b = A);
    MALLOC(B, 64);
    NEW(B, "Held");
    LINK(A, "it", B);
    INCREF(B);

    ck_assert_uint_eq(found()->n, 0);
}
END_TEST

START_TEST(a_count_with_a_name_is_told_as_acquired)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Thing");
    SAY(OURO_REC_ACQUIRE, .a = A, .size = 77);
    const struct finding *f = only(found(), FINDING_UNBALANCED);

    ck_assert_int_eq(f->members[0].refcount, 2);
    ck_assert_int_eq(f->members[0].acquired, 1);
    ck_assert_int_eq(f->members[0].anonymous, 1);
}
END_TEST

START_TEST(fewer_counts_than_references_is_an_over_release)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Owner");
    SAY(OURO_REC_ROOT, .text = "root", .b = A);
    AT(2);
    MALLOC(B, 64);
    NEW(B, "Target");
    LINK(A, "one", B);
    LINK(A, "two", B);
    const struct findings *f = found();
    const struct finding *o = only(f, FINDING_OVER_RELEASE);

    ck_assert_uint_eq(f->n, 1);
    ck_assert_int_eq(o->reach, REACH_DEFINITE);
    ck_assert_int_eq(o->members[0].owned, 2);
    ck_assert_int_eq(o->members[0].unknown, -1);
    ck_assert_str_eq(o->types[0].type, "Target");
}
END_TEST

START_TEST(an_over_release_tells_who_holds_it)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Owner");
    SAY(OURO_REC_ROOT, .text = "keeper", .b = A);
    AT(2);
    MALLOC(B, 64);
    NEW(B, "Target");
    AT(3);
    LINK(A, "one", B);
    AT(4);
    LINK(B, "self", B);
    AT(5);
    LINK(A, "one", B);
    AT(6);
    SAY(OURO_REC_ROOT, .text = "the_global", .b = B);
    const struct finding *f = only(found(), FINDING_OVER_RELEASE);

    ck_assert_uint_eq(f->n_members, 2);
    ck_assert_str_eq(f->members[0].type, "Target");
    ck_assert_str_eq(f->members[1].type, "Owner");
    ck_assert_int_eq(f->members[1].refcount, 1);
    ck_assert_uint_eq(f->n_edges, 2);
    ck_assert_uint_eq(f->edges[0].from, 1);
    ck_assert_uint_eq(f->edges[0].to, 0);
    ck_assert_str_eq(f->edges[0].field, "one");
    ck_assert_uint_eq(f->edges[0].count, 2);
    ck_assert_uint_eq(f->edges[0].stack.at[0].offset, 6 * SITES);
    ck_assert_uint_eq(f->edges[1].from, 0);
    ck_assert_str_eq(f->edges[1].field, "self");
    ck_assert_uint_eq(f->n_roots, 1);
    ck_assert_str_eq(f->roots[0].field, "the_global");
    ck_assert_uint_eq(f->roots[0].stack.at[0].offset, 7 * SITES);
    ck_assert_uint_eq(f->references_more, 0);
}
END_TEST

START_TEST(of_many_references_some_are_told_and_the_rest_counted)
{
    AT(1);
    MALLOC(B, 64);
    NEW(B, "Target");
    for (uint64_t i = 1; i <= 100; i++) {
        MALLOC(B + 0x1000 * i, 8);
        NEW(B + 0x1000 * i, "Owner");
        LINK(B + 0x1000 * i, "target", B);
    }
    const struct finding *f = only(found(), FINDING_OVER_RELEASE);

    ck_assert_uint_eq(f->n_members, 65);
    ck_assert_uint_eq(f->n_edges, 64);
    ck_assert_uint_eq(f->references_more, 36);
}
END_TEST

START_TEST(what_lives_with_a_count_of_zero_is_a_zombie)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Undead");
    AT(2);
    DECREF(A);
    const struct findings *f = found();
    const struct finding *z = only(f, FINDING_MISUSE);

    ck_assert_uint_eq(f->n, 1);
    ck_assert_str_eq(z->what, "zombie");
    ck_assert_uint_eq(z->objects, 1);
    ck_assert_uint_eq(z->bytes, 64);
    ck_assert_uint_eq(z->stack.at[0].offset, 3 * SITES);
    ck_assert_uint_eq(z->birth_stack.at[0].offset, 2 * SITES);
    ck_assert_str_eq(z->types[0].type, "Undead");
}
END_TEST

START_TEST(a_zombie_retains_the_ring_that_it_holds)
{
    AT(1);
    MALLOC(C, 100);
    NEW(C, "Undead");
    dead_pair(A, B);
    INCREF(A);
    LINK(C, "pair", A);
    DECREF(C);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 1);
    ck_assert_uint_eq(only(f, FINDING_MISUSE)->retained_objects, 3);
    ck_assert_uint_eq(f->at[0].retained_bytes, 196);
}
END_TEST

START_TEST(a_leaf_may_be_a_zombie_and_static_memory_not_before_it_counted)
{
    AT(1);
    MALLOC(A, 10);
    SAY(OURO_REC_NEW_AT, .a = A, .text = "Leaf", .n = 1,
        .flags = OURO_NEW_IS_LEAF);
    DECREF(A);
    SAY(OURO_REC_NEW_AT, .a = 0x500, .text = "Static", .n = 0, .size = 8);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 1);
    ck_assert_str_eq(f->at[0].types[0].type, "Leaf");
}
END_TEST

START_TEST(equal_misuses_are_one_finding)
{
    for (uint64_t i = 0; i < 5; i++) {
        AT(1);
        MALLOC(A + 0x40 * i, 32);
        AT(2);
        FREE(A + 0x40 * i);
        AT(3);
        FREE(A + 0x40 * i);
    }
    const struct findings *f = found();
    const struct finding *m = only(f, FINDING_MISUSE);

    ck_assert_uint_eq(f->n, 1);
    ck_assert_str_eq(m->what, "double-free");
    ck_assert_uint_eq(m->instances, 5);
    ck_assert_uint_eq(m->stack.at[0].offset, 4 * SITES);
}
END_TEST

START_TEST(a_release_of_the_dead_tells_who_died_and_where)
{
    AT(1);
    MALLOC(A, 64);
    NEW(A, "Ghost");
    SAY(OURO_REC_LABEL, .a = A, .text = "casper");
    AT(2);
    DECREF(A);
    FREE(A);
    AT(3);
    DECREF(A);
    DECREF(A);
    const struct finding *m = only(found(), FINDING_MISUSE);

    ck_assert_str_eq(m->what, "release of the dead");
    ck_assert_uint_eq(m->instances, 2);
    ck_assert_str_eq(m->label, "casper");
    ck_assert(m->has_death);
    ck_assert_double_gt(m->death_time, 0);
    ck_assert_uint_eq(m->stack.at[0].offset, 4 * SITES);
    ck_assert_uint_eq(m->birth_stack.at[0].offset, 2 * SITES);
    ck_assert_uint_eq(m->death_stack.at[0].offset, 3 * SITES);
}
END_TEST

START_TEST(misuses_of_what_was_made_elsewhere_are_two_findings)
{
    for (unsigned i = 0; i < 2; i++) {
        AT(i);
        MALLOC(A + 0x40 * (uint64_t)i, 32);
        AT(2);
        FREE(A + 0x40 * (uint64_t)i);
        AT(3);
        FREE(A + 0x40 * (uint64_t)i);
    }

    ck_assert_uint_eq(found()->n, 2);
}
END_TEST

START_TEST(a_count_below_zero_is_told_once)
{
    AT(1);
    MALLOC(A, 32);
    NEW(A, "Thing");
    AT(2);
    DECREF(A);
    DECREF(A);
    const struct findings *f = found();

    ck_assert_uint_eq(f->n, 1);
    ck_assert_str_eq(f->at[0].what, "negative count");
}
END_TEST

/* Slow where each looks through all. */
START_TEST(two_hundred_thousand_types_are_told_in_linear_time)
{
    enum { TYPES = 200000 };
    struct trace_writer w;
    struct err e;
    char name[16];
    ck_assert_int_eq(trace_writer_begin(&w, kit_path(), &e), 0);
    for (uint64_t i = 0; i < TYPES; i++) {
        const int len = snprintf(name, sizeof name, "T%u", (unsigned)i);
        trace_writer_new(&w, A + 0x40 * i,
                         trace_writer_text(&w, name, (size_t)len), 2);
    }
    ck_assert_int_eq(trace_writer_end(&w, &e), 0);
    const struct findings *f = found_at_path(false);

    ck_assert_uint_eq(f->n, TYPES);
    uint32_t n_looked_at = 0;
    for (uint32_t i = 0; i < f->n; i++)
        n_looked_at += strstr(f->at[i].what, "looked at") == NULL;
    ck_assert_uint_eq(n_looked_at, 1 << 16);
}
END_TEST

Suite *balances_suite(void);

Suite *balances_suite(void)
{
    Suite *s = suite_create("balances");
    TCase *t = tcase_create("counts");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, objects_with_a_count_too_many_are_told_by_type_and_site);
    tcase_add_test(t, a_missing_release_is_told_and_what_it_holds_is_not);
    tcase_add_test(t, what_a_root_reaches_is_not_unbalanced);
    tcase_add_test(t, a_count_with_a_name_is_told_as_acquired);
    tcase_add_test(t, fewer_counts_than_references_is_an_over_release);
    tcase_add_test(t, an_over_release_tells_who_holds_it);
    tcase_add_test(t, of_many_references_some_are_told_and_the_rest_counted);
    suite_add_tcase(s, t);
    t = tcase_create("many");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, two_hundred_thousand_types_are_told_in_linear_time);
    suite_add_tcase(s, t);
    t = tcase_create("misuse");
    tcase_add_checked_fixture(t, kit_begin, kit_release);
    tcase_add_test(t, what_lives_with_a_count_of_zero_is_a_zombie);
    tcase_add_test(t, a_zombie_retains_the_ring_that_it_holds);
    tcase_add_test(
        t, a_leaf_may_be_a_zombie_and_static_memory_not_before_it_counted);
    tcase_add_test(t, equal_misuses_are_one_finding);
    tcase_add_test(t, a_release_of_the_dead_tells_who_died_and_where);
    tcase_add_test(t, misuses_of_what_was_made_elsewhere_are_two_findings);
    tcase_add_test(t, a_count_below_zero_is_told_once);
    suite_add_tcase(s, t);
    return s;
}
