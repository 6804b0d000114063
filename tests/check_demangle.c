/* SPDX-License-Identifier: MIT */
/* check_demangle.c - names as people write them, and none that explodes */
#include "explain/demangle.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *mangled, *shown;
} names[] = {
    {"_ZN3foo3barEi", "foo::bar(int)"},
    {"_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
     "core::fmt::Write::write_fmt"},
    {"_RNvC6_123foo3bar", "123foo::bar"},
    {"_D3std5stdio7writelnFZv", "std.stdio.writeln()"},
    {"main", NULL},
    {"_Z", NULL},
    {"_RNvB_1a", NULL},
    {"_ZN3foo", NULL},
};

START_TEST(names_are_demangled_in_three_languages)
{
    static struct demangled d;
    const bool done = demangle(&d, names[_i].mangled);

    ck_assert_int_eq(done, names[_i].shown != NULL);
    if (done)
        ck_assert_str_eq(d.text, names[_i].shown);
}
END_TEST

START_TEST(a_name_that_would_grow_without_end_is_cut)
{
    /* each argument is a pair of the one before: 2 to the 24 names */
    static struct demangled d;
    char bomb[512];
    int n = snprintf(bomb, sizeof bomb, "_Z1f1AIiiE");
    for (int i = 0; i < 24; i++) {
        const char digit = (char)(i < 10 ? '0' + i : 'A' + i - 10);
        n += snprintf(bomb + n, sizeof bomb - (size_t)n, "S_IS%c_S%c_E", digit,
                      digit);
    }

    ck_assert(demangle(&d, bomb));
    ck_assert_uint_eq(d.len, DEMANGLE_MAX_OUT - 1);
    ck_assert_uint_eq(strlen(d.text), d.len);
}
END_TEST

START_TEST(names_that_are_long_or_deep_do_no_harm)
{
    static struct demangled d;
    static char name[DEMANGLE_MAX_IN + 2];
    memset(name, 'P', sizeof name - 1);
    for (int i = 0; i < 4; i++)
        name[i] = "_Z1f"[i];

    ck_assert(!demangle(&d, name)); /* too long */

    name[4000] = 'i'; /* a pointer to a pointer, 3,996 deep */
    name[4001] = 0;
    if (demangle(&d, name))
        ck_assert_uint_lt(d.len, DEMANGLE_MAX_OUT);
}
END_TEST

START_TEST(what_compilers_append_to_names_is_not_shown)
{
    ck_assert_uint_eq(demangle_base_len("grow.part.0.cold"), 4);
    ck_assert_uint_eq(demangle_base_len("grow.constprop.0"), 4);
    ck_assert_uint_eq(demangle_base_len("grow"), 4);
    ck_assert_uint_eq(demangle_base_len(".cold"), 5);
}
END_TEST

Suite *demangle_suite(void);

Suite *demangle_suite(void)
{
    Suite *s = suite_create("demangle");
    TCase *t = tcase_create("all");
    tcase_add_loop_test(t, names_are_demangled_in_three_languages, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_test(t, a_name_that_would_grow_without_end_is_cut);
    tcase_add_test(t, names_that_are_long_or_deep_do_no_harm);
    tcase_add_test(t, what_compilers_append_to_names_is_not_shown);
    suite_add_tcase(s, t);
    return s;
}
