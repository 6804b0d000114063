/* SPDX-License-Identifier: MIT */
/* check_baseline.c - what is written is read back, and nothing else is */
#include "gate/baseline.h"
#include "gate/json_place.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "{\n  \"schema\": \"ouro-baseline/1\",\n  \"findings\": [\n"
#define ID   "0123456789abcdef"
#define REST                                                                   \
    "      \"kind\": \"cycle\",\n      \"reach\": \"definite\",\n"             \
    "      \"types\": [\"A\"],\n      \"stack\": [],\n"                        \
    "      \"instances\": 1,\n      \"bytes\": 48,\n"                          \
    "      \"holds\": {\"00000000000000ff\": 2}\n    }"
#define ONE  "    {\n      \"id\": \"" ID "\",\n" REST
#define TAIL "\n  ]\n}\n"

static struct entries read_back;
static struct err err;

static void release(void)
{
    entries_release(&read_back);
}

static int read_text(const char *text)
{
    return baseline_read_text(&read_back, text, strlen(text), "base.json",
                              &err);
}

/* The caller frees it. */
static char *written(const struct entries *e)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    baseline_write(e, f);
    fclose(f);
    return text;
}

START_TEST(what_is_written_is_read_back)
{
    ck_assert_msg(read_text(HEAD ONE TAIL) == 0, "%s", err.text);
    ck_assert_uint_eq(read_back.n, 1);
    ck_assert_str_eq(read_back.at[0].id, ID);
    ck_assert_int_eq(read_back.at[0].kind, FINDING_CYCLE);
    ck_assert_str_eq(read_back.at[0].types[0], "A");
    ck_assert_uint_eq(read_back.at[0].bytes, 48);
    ck_assert_uint_eq(read_back.n_rings, 1);
    ck_assert_uint_eq(read_back.rings[0].rings, 2);
    char *text = written(&read_back);
    entries_release(&read_back);

    ck_assert_msg(read_text(text) == 0, "%s", err.text);
    char *again = written(&read_back);
    ck_assert_str_eq(text, again);
    free(text);
    free(again);
}
END_TEST

START_TEST(entries_are_sorted_whatever_their_order_in_the_file)
{
    ck_assert_msg(read_text(HEAD ONE ",\n    {\n      \"id\": "
                                     "\"0000000000000001\",\n" REST TAIL) == 0,
                  "%s", err.text);

    ck_assert_uint_eq(read_back.n, 2);
    ck_assert_str_eq(read_back.at[0].id, "0000000000000001");
    ck_assert(entries_are_valid(&read_back));
}
END_TEST

START_TEST(a_persons_note_stays)
{
    ck_assert_int_eq(read_text(HEAD "{\"note\": \"see \\u0022x\\u0022\",\n"
                                    "\"id\": \"" ID "\",\n" REST TAIL),
                     0);
    char *text = written(&read_back);

    ck_assert_ptr_nonnull(strstr(text, "\"note\": \"see \\\"x\\\"\""));
    free(text);
}
END_TEST

/* What is wrong, where, and what was expected instead. */
static const struct {
    const char *text, *line, *says;
} bad[] = {
    {"", ":1:", "no JSON"},
    {"{\n\"schema\": \"ouro-baseline/1\",\n\"findings\": [\n",
     ":4:", "no JSON"},
    {"[]", ":1:", "expected an object"},
    {"{\n\n\"schema\": \"ouro-report/1\"}", ":3:", "\"ouro-baseline/1\""},
    {"{\n\"findings\": []}", ":1:", "\"ouro-baseline/1\""},
    {"{\n\"schema\": \"ouro-baseline/2\", \"later\": {}}", ":2:", "a newer"},
    {"{\"schema\": \"ouro-baseline/1\",\n\"fidnings\": []}",
     ":2:", "expected schema or findings"},
    {"{\"schema\": \"ouro-baseline/1\",\n\"findings\": {}}",
     ":2:", "expected an array"},
    {"{\"schema\": \"ouro-baseline/1\"}", ":1:", "expected an array"},
    {HEAD "    17" TAIL, ":4:", "expected a finding"},
    {HEAD ONE ",\n" ONE TAIL, ":15:", "twice"},
    {HEAD "{\"id\": \"" ID "\",\n\"id\": \"" ID "\"}" TAIL, ":5:", "duplicate"},
    {HEAD "{\n\"id\": \"0123456789ABCDEF\",\n" REST TAIL, ":5:", "16 hex"},
    {HEAD "{\n\"id\": 3,\n" REST TAIL, ":5:", "16 hex"},
    {HEAD "{\n" REST TAIL, ":4:", "16 hex"},
    {HEAD ONE ",\n{\"id\": \"0000000000000001\",\n\"kind\": \"leek\"}" TAIL,
     ":15:", "expected cycle, unbalanced"},
    {HEAD "{\"id\": \"" ID "\", \"kind\": \"leak\",\n\"reach\": \"\"}" TAIL,
     ":5:", "expected definite"},
    {HEAD "{\"id\": \"" ID "\", \"kind\": \"leak\", \"reach\": \"unknown\",\n"
          "\"types\":\n[3]}" TAIL,
     ":5:", "an array of names"},
    {HEAD "{\"id\": \"" ID "\", \"kind\": \"leak\", \"reach\": \"unknown\",\n"
          "\"types\": [], \"stack\": [],\n\"instances\": -1}" TAIL,
     ":6:", "a number"},
    {HEAD "{\"id\": \"" ID "\", \"kind\": \"leak\", \"reach\": \"unknown\",\n"
          "\"types\": [], \"stack\": [],\n\"instances\": 1.0}" TAIL,
     ":6:", "a number"},
    {HEAD "{\"id\": \"" ID "\", \"kind\": \"leak\", \"reach\": \"unknown\",\n"
          "\"types\": [], \"stack\": [],\n\"instances\": 1, \"bytes\": 1,\n"
          "\"holds\": {\"x\": 1}}" TAIL,
     ":7:", "ids of 16 hex digits"},
    {HEAD "{\"id\": \"" ID "\",\n\"knid\": \"leak\"}" TAIL,
     ":5:", "\"knid\" is not known; expected id, kind"},
};
enum { N_BAD = sizeof bad / sizeof bad[0] };

START_TEST(what_is_wrong_is_told_with_its_line_and_what_was_expected)
{
    ck_assert_int_ne(read_text(bad[_i].text), 0);

    ck_assert_int_eq(err.code, RC_USAGE);
    ck_assert_msg(
        strncmp(err.text, "base.json", 9) == 0 &&
            strncmp(err.text + 9, bad[_i].line, strlen(bad[_i].line)) == 0,
        "%s, not in line %s", err.text, bad[_i].line);
    ck_assert_msg(strstr(err.text, bad[_i].says), "%s: nothing of %s", err.text,
                  bad[_i].says);
    ck_assert_uint_eq(read_back.n, 0);
}
END_TEST

/* Bytes are cut off, changed, doubled and taken out of a good one. */
START_TEST(no_damage_is_more_than_an_error)
{
    enum { ROUNDS = 20000 };
    static const char good[] = HEAD ONE TAIL;
    static const char likely[] = "{}[]\",:0-1eE\\ \n\x80\xff\x01u";
    const unsigned seed = (unsigned)getpid();
    srandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
        char text[2 * sizeof good];
        size_t len = sizeof good - 1;
        memcpy(text, good, len);
        for (long n = 1 + random() % 3; n > 0 && len > 0; n--) {
            const size_t at = (size_t)random() % len;
            const size_t most = len - at;
            switch (random() % 4) {
            case 0:
                text[at] = likely[(size_t)random() % (sizeof likely - 1)];
                break;
            case 1:
                len = at;
                break;
            case 2:
                memmove(text + at, text + at + 1, most - 1);
                len--;
                break;
            default:
                if (len + 1 < sizeof text) {
                    memmove(text + at + 1, text + at, most);
                    len++;
                }
            }
        }
        err.text[0] = 0;
        /* in a piece of memory of just that size, for the sanitizer */
        char *exact = malloc(len ? len : 1);
        memcpy(exact, text, len);
        const int rc =
            baseline_read_text(&read_back, exact, len, "base.json", &err);
        ck_assert_msg(rc == 0 ? entries_are_valid(&read_back)
                              : read_back.n == 0 &&
                                    strncmp(err.text, "base.json:", 10) == 0,
                      "seed %u, round %d: %s", seed, round, err.text);
        free(exact);
        entries_release(&read_back);
    }
}
END_TEST

START_TEST(a_place_is_the_line_where_its_key_begins)
{
    static const char text[] = "{\"a}\":\n [1,\n {\"b\\\"\": \"]\"},\n"
                               "  [[],\n[2]]],\n\"c\":\n0}";
    const struct json_step in_array[] = {{"a}", 0}, {NULL, 2}, {NULL, 1}};
    const struct json_step last[] = {{"c", 0}};
    const struct json_step no_such[] = {{"a}", 0}, {NULL, 7}};

    ck_assert_uint_eq(json_place(text, strlen(text), in_array, 3), 5);
    ck_assert_uint_eq(json_place(text, strlen(text), last, 1), 6);
    ck_assert_uint_eq(json_place(text, strlen(text), no_such, 2), 1);
}
END_TEST

Suite *baseline_suite(void);

Suite *baseline_suite(void)
{
    Suite *s = suite_create("baseline");
    TCase *t = tcase_create("file");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, what_is_written_is_read_back);
    tcase_add_test(t, entries_are_sorted_whatever_their_order_in_the_file);
    tcase_add_test(t, a_persons_note_stays);
    tcase_add_loop_test(
        t, what_is_wrong_is_told_with_its_line_and_what_was_expected, 0, N_BAD);
    tcase_add_test(t, no_damage_is_more_than_an_error);
    tcase_add_test(t, a_place_is_the_line_where_its_key_begins);
    suite_add_tcase(s, t);
    return s;
}
