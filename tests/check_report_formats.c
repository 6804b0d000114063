/* SPDX-License-Identifier: MIT */
/* check_report_formats.c - what holds for every format of the report */
#include "report_kit.h"

static int n_formats(void)
{
    int n = 0;
    while (report_formats[n])
        n++;
    return n;
}

START_TEST(equal_input_gives_equal_bytes)
{
    make_nasty();
    add(leak(0));
    write_images(report_formats[_i], 3);
    char *first = written;
    write_images(report_formats[_i], 3);
    ck_assert_str_eq(first, written);
    free(first);
}
END_TEST

START_TEST(every_format_is_in_the_help_and_in_the_message)
{
    const char *name = report_formats[_i]->name;
    char names[256];

    ck_assert_ptr_eq(report_format_named(name), report_formats[_i]);
    ck_assert_ptr_nonnull(strstr(REPORT_FORMATS_HELP, name));
    ck_assert_ptr_nonnull(strstr(report_format_names(names), name));
    ck_assert_uint_lt(strlen(names), sizeof names - 1);
}
END_TEST

START_TEST(a_name_that_is_none_or_half_of_one_is_no_format)
{
    ck_assert_ptr_null(report_format_named(""));
    ck_assert_ptr_null(report_format_named("tex"));
    ck_assert_ptr_null(report_format_named("text "));
}
END_TEST

Suite *report_formats_suite(void);

Suite *report_formats_suite(void)
{
    Suite *s = suite_create("report_formats");
    TCase *t = tcase_create("every");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(t, equal_input_gives_equal_bytes, 0, n_formats());
    tcase_add_loop_test(t, every_format_is_in_the_help_and_in_the_message, 0,
                        n_formats());
    tcase_add_test(t, a_name_that_is_none_or_half_of_one_is_no_format);
    suite_add_tcase(s, t);
    return s;
}
