/* SPDX-License-Identifier: MIT */
/* check_completion.c - what a shell may propose for an option's value */
#include "commands/completion.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct completion_value of(const char *value, const char *help)
{
    const struct cmd_option o = {CMD_LONG, "option", value, help};
    return completion_value(&o);
}

START_TEST(the_values_name_says_what_it_is)
{
    ck_assert_int_eq(of(NULL, "take none").kind, COMPLETION_NONE);
    ck_assert_int_eq(of("FILE", "write there").kind, COMPLETION_FILE);
    ck_assert_int_eq(of("DIR", "record there").kind, COMPLETION_DIR);
    ck_assert_int_eq(of("N", "one, two or three").kind, COMPLETION_OTHER);
}
END_TEST

START_TEST(words_are_those_that_the_help_lists)
{
    ck_assert_str_eq(of("FORMAT", "text (the default) or json").words,
                     "text json");
    ck_assert_str_eq(
        of("FORMAT", "text (the\ndefault), json,\nsarif or x-1").words,
        "text json sarif x-1");
    ck_assert_str_eq(of("WHICH", "stacks of: all (default), alloc, none").words,
                     "all alloc none");
    ck_assert_str_eq(of("FORMAT", "cclog: as others, or not").words, "cclog");
}
END_TEST

START_TEST(a_help_that_lists_no_words_proposes_nothing)
{
    ck_assert_int_eq(of("FORMAT", "whatever you like").kind, COMPLETION_OTHER);
    ck_assert_int_eq(of("FORMAT", "text, or whatever you like").kind,
                     COMPLETION_OTHER);
    ck_assert_int_eq(of("FORMAT", "").kind, COMPLETION_OTHER);
}
END_TEST

START_TEST(a_list_without_end_proposes_nothing)
{
    char help[2048] = "";
    for (int i = 0; i < 400; i++)
        strcat(help, "abc, ");
    ck_assert_int_eq(of("FORMAT", help).kind, COMPLETION_OTHER);
}
END_TEST

START_TEST(only_known_shells_are_written_for)
{
    static const struct cmd plain = {.name = "plain", .summary = "do"};
    const struct cmd *const commands[] = {&plain};
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    ck_assert(completion_write("bash", commands, 1, f));
    ck_assert(completion_write("zsh", commands, 1, f));
    ck_assert(completion_write("fish", commands, 1, f));
    fclose(f);
    ck_assert_ptr_nonnull(strstr(text, "plain"));
    free(text);
    ck_assert(!completion_write("csh", commands, 1, stderr));
}
END_TEST

Suite *completion_suite(void);
Suite *completion_suite(void)
{
    Suite *s = suite_create("completion");
    TCase *t = tcase_create("values");
    tcase_add_test(t, the_values_name_says_what_it_is);
    tcase_add_test(t, words_are_those_that_the_help_lists);
    tcase_add_test(t, a_help_that_lists_no_words_proposes_nothing);
    tcase_add_test(t, a_list_without_end_proposes_nothing);
    tcase_add_test(t, only_known_shells_are_written_for);
    suite_add_tcase(s, t);
    return s;
}
