/* SPDX-License-Identifier: MIT */
/* check_strings.c - equal texts have equal numbers, and no others do */
#include "trace/strings.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct strings strings;

static void begin(void)
{
    strings_init(&strings);
}

static void end(void)
{
    strings_release(&strings);
}

static uint32_t id(const char *text)
{
    return strings_id(&strings, text, strlen(text));
}

START_TEST(equal_texts_have_one_number)
{
    const uint32_t node = id("Node");
    const uint32_t list = id("List");

    ck_assert_uint_ne(node, list);
    ck_assert_uint_eq(id("Node"), node);
    ck_assert_str_eq(strings.text[node], "Node");
    ck_assert_uint_eq(strings.n, 3);
}
END_TEST

START_TEST(a_text_ends_at_its_first_zero_byte)
{
    const uint32_t node = strings_id(&strings, "Node\0more", 9);

    ck_assert_uint_eq(node, id("Node"));
}
END_TEST

START_TEST(nothing_has_number_0)
{
    ck_assert_uint_eq(strings_id(&strings, "", 0), 0);
    ck_assert_uint_eq(strings_id(&strings, NULL, 0), 0);
    ck_assert_uint_eq(strings_id(&strings, "\0x", 2), 0);
    ck_assert_str_eq(strings.text[0], "");
}
END_TEST

START_TEST(only_the_bytes_given_are_read)
{
    const char text[] = {'a', 'b', 'c'};

    ck_assert_uint_eq(strings_id(&strings, text, 2), id("ab"));
}
END_TEST

START_TEST(any_number_of_texts_keep_their_numbers)
{
    enum { N = 20000 };
    char text[16];
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 1; i <= N; i++) {
            snprintf(text, sizeof text, "%u", i);
            ck_assert_uint_eq(id(text), i);
            ck_assert_str_eq(strings.text[i], text);
        }
    ck_assert_uint_eq(strings.n, N + 1);
}
END_TEST

Suite *strings_suite(void);

Suite *strings_suite(void)
{
    Suite *s = suite_create("strings");
    TCase *t = tcase_create("numbers");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, equal_texts_have_one_number);
    tcase_add_test(t, a_text_ends_at_its_first_zero_byte);
    tcase_add_test(t, nothing_has_number_0);
    tcase_add_test(t, only_the_bytes_given_are_read);
    tcase_add_test(t, any_number_of_texts_keep_their_numbers);
    suite_add_tcase(s, t);
    return s;
}
