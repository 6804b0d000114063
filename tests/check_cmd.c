/* SPDX-License-Identifier: MIT */
/* check_cmd.c - one table is the parser and the help */
#include "commands/cmd.h"
#include "err.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ODD = CMD_LONG, MAYBE };

static const struct cmd_option options[] = {
    {'o', "output", "FILE", "write to FILE\nand nowhere else"},
    {'v', "verbose", NULL, "say more"},
    {ODD, "odd-one", "N", "a number"},
    {MAYBE, "maybe", "[WORD]", "with or without"},
    {0},
};

static const struct cmd plain = {
    .name = "plain", .args = "[X]", .summary = "do", .options = options};
static const struct cmd leading = {.name = "leading",
                                   .args = "CMD",
                                   .summary = "run",
                                   .options = options,
                                   .first_operand_ends_options = true};

enum { MOST = 12 };

/* What was read, as text: "o=x v rest rest". */
static char read_as[256];

static int read_line(const struct cmd *cmd, const char *const *words)
{
    char *argv[MOST + 1] = {(char *)cmd->name};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)words[argc - 1];
    struct cmd_line l = {.cmd = cmd, .argc = argc, .argv = argv, .out = stderr};
    read_as[0] = '\0';
    for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
        if (id == CMD_STOP)
            return l.status;
        char *end = read_as + strlen(read_as);
        snprintf(end, 64, "%c%s%s ", id < CMD_LONG ? id : '0' + id - CMD_LONG,
                 l.value ? "=" : "", l.value ? l.value : "");
    }
    for (int i = l.first; i < argc; i++) {
        strcat(read_as, argv[i]);
        strcat(read_as, " ");
    }
    return -1;
}

#define READ(cmd, ...)                                                         \
    read_line(&(cmd), (const char *const[]){__VA_ARGS__, NULL})

START_TEST(options_are_read_short_and_long_and_between_operands)
{
    ck_assert_int_eq(READ(plain, "-o", "a", "x", "--verbose", "--odd-one=7",
                          "y", "--maybe", "--maybe=z"),
                     -1);
    ck_assert_str_eq(read_as, "o=a v 0=7 1 1=z x y ");
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
    ck_assert_int_eq(READ(plain, "-v", "--", "-v", "--verbose"), -1);
    ck_assert_str_eq(read_as, "v -v --verbose ");
}
END_TEST

START_TEST(a_commands_own_options_are_left_to_it)
{
    ck_assert_int_eq(READ(leading, "-v", "ls", "-o", "--bogus"), -1);
    ck_assert_str_eq(read_as, "v ls -o --bogus ");
}
END_TEST

START_TEST(a_second_line_is_read_from_its_beginning)
{
    ck_assert_int_eq(READ(plain, "-v", "x"), -1);
    ck_assert_int_eq(READ(plain, "-v", "y"), -1);
    ck_assert_str_eq(read_as, "v y ");
}
END_TEST

START_TEST(what_is_wrong_is_a_usage_error)
{
    ck_assert_int_eq(READ(plain, "--bogus"), RC_USAGE);
    ck_assert_int_eq(READ(plain, "-z"), RC_USAGE);
    ck_assert_int_eq(READ(plain, "-o"), RC_USAGE);
    ck_assert_int_eq(READ(plain, "--output"), RC_USAGE);
    ck_assert_int_eq(READ(plain, "--verbose=yes"), RC_USAGE);
    ck_assert_int_eq(READ(plain, "--help"), RC_CLEAN);
    ck_assert_int_eq(READ(plain, "-h"), RC_CLEAN);
}
END_TEST

START_TEST(every_option_is_in_the_help)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    cmd_help(&plain, f);
    fclose(f);

    ck_assert_ptr_nonnull(strstr(text, "-o, --output=FILE"));
    ck_assert_ptr_nonnull(strstr(text, "    --odd-one=N"));
    ck_assert_ptr_nonnull(strstr(text, "--maybe[=WORD]"));
    ck_assert_ptr_nonnull(strstr(text, "\n                          and no"));
    ck_assert_ptr_nonnull(strstr(text, "-h, --help"));
    free(text);
}
END_TEST

START_TEST(numbers_are_whole_and_in_range)
{
    long n = 0;
    uint64_t bytes = 0;

    ck_assert(cmd_number("42", 0, 255, &n) && n == 42);
    ck_assert(!cmd_number("", 0, 255, &n) && !cmd_number("4x", 0, 255, &n));
    ck_assert(!cmd_number("256", 0, 255, &n) && !cmd_number("-1", 0, 9, &n));
    ck_assert(cmd_bytes("3K", &bytes) && bytes == 3072);
    ck_assert(cmd_bytes("2T", &bytes) && bytes == 2ull << 40);
    ck_assert(!cmd_bytes("-1", &bytes) && !cmd_bytes("K", &bytes));
    ck_assert(!cmd_bytes("1KB", &bytes) && !cmd_bytes("17179869184G", &bytes));
}
END_TEST

START_TEST(the_nearest_name_is_suggested_and_no_far_one)
{
    static const char *const names[] = {"run", "record", "report", "dump"};

    ck_assert_str_eq(cmd_nearest("recrod", names, 4), "record");
    ck_assert_str_eq(cmd_nearest("reprot", names, 4), "report");
    ck_assert_str_eq(cmd_nearest("rnu", names, 4), "run");
    ck_assert_ptr_null(cmd_nearest("xylophone", names, 4));
    ck_assert_ptr_null(cmd_nearest("", names, 4));
}
END_TEST

/* Each test is a process of its own. */
static void be_silent(void)
{
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
}

Suite *cmd_suite(void);
Suite *cmd_suite(void)
{
    Suite *s = suite_create("cmd");
    TCase *c = tcase_create("cmd");
    tcase_add_checked_fixture(c, be_silent, NULL);
    tcase_add_test(c, options_are_read_short_and_long_and_between_operands);
    tcase_add_test(c, two_dashes_end_the_options);
    tcase_add_test(c, a_commands_own_options_are_left_to_it);
    tcase_add_test(c, a_second_line_is_read_from_its_beginning);
    tcase_add_test(c, what_is_wrong_is_a_usage_error);
    tcase_add_test(c, every_option_is_in_the_help);
    tcase_add_test(c, numbers_are_whole_and_in_range);
    tcase_add_test(c, the_nearest_name_is_suggested_and_no_far_one);
    suite_add_tcase(s, c);
    return s;
}
