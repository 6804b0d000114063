/* SPDX-License-Identifier: MIT */
/* check_suppressions.c - what a suppression fits, and what is none */
#include "suppress/suppressions.h"

#include "suppress/glob.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIB "/usr/lib/libthing.so.1"

static const struct place calls[] = {
    {"xmalloc", "src/xmalloc.c", 12, "/opt/app/app", 0x10, true},
    {"ns::Pool<int>::take(char*)", "src/pool.cc", 40, "/opt/app/app", 0x20,
     false},
    {"", "", 0, LIB, 0x30, false},
    {"pthread_create", "", 0, "/lib/libc.so.6", 0x40, false},
    {"main", "src/main.c", 99, "/opt/app/app", 0x50, false},
};
static struct finding_member members[] = {
    {.type = "Session", .label = ""},
    {.type = "Window", .label = ""},
};
static struct finding_edge edges[] = {
    {.from = 0, .to = 1, .field = "window", .count = 1},
    {.from = 1, .to = 0, .field = "items[]", .count = 1},
};
static struct finding_type types[] = {{"Session", 1}, {"Window", 1}};

static struct suppressions list;
static struct err error;

static void begin(void)
{
    list = (struct suppressions){0};
    error = (struct err){0};
}

static void release(void)
{
    suppressions_release(&list);
}

static int parse(const char *text)
{
    return suppressions_parse(&list, "my.supp", text, strlen(text), NULL,
                              &error);
}

static struct finding a_leak(void)
{
    return (struct finding){
        .id = "1f3c9a0d00000001",
        .kind = FINDING_LEAK,
        .what = "leak",
        .shape = "single",
        .reach = REACH_DEFINITE,
        .instances = 3,
        .blocks = 3,
        .bytes = 72,
        .allocator = "malloc",
        .stack = {5, calls},
    };
}

static struct finding counted(enum finding_kind kind)
{
    return (struct finding){
        .id = "a41c09e2a41c09e2",
        .kind = kind,
        .what = "double-free",
        .shape = "ring",
        .instances = 2,
        .bytes = 64,
        .n_types = 2,
        .types = types,
        .n_members = 2,
        .members = members,
        .n_edges = 2,
        .edges = edges,
        .allocator = "",
    };
}

static bool fits(const struct finding *f)
{
    for (uint32_t i = 0; i < list.n; i++)
        if (suppression_matches(&list.at[i], f))
            return true;
    return false;
}

/* What LeakSanitizer's manual says of its patterns. */
static const struct {
    const char *pattern, *text;
    bool fits;
} pieces[] = {
    {"foo", "foo", true},
    {"foo", "a_foo_b", true},
    {"foo", "fo", false},
    {"foo", "", false},
    {"*", "", false},
    {"*", "x", true},
    {"^foo", "foobar", true},
    {"^foo", "afoo", false},
    {"foo$", "barfoo", true},
    {"foo$", "foobar", false},
    {"foo$", "foobarfoo", true},
    {"^foo$", "foo", true},
    {"^foo$", "foo(int)", false},
    {"^a*z$", "abcz", true},
    {"^a*z$", "az", true},
    {"^a*z$", "azb", false},
    {"^*foo", "afoo", true},
    {"a*b*c", "xaybzcw", true},
    {"a*b*c", "xaycz", false},
    {"?", "a?b", true},
    {"a?b", "axb", false},
    {"foo*$", "foobar", true},
    {"$", "x", false},
    {"a^b", "a^b", true},
};

START_TEST(a_piece_is_found_as_leak_sanitizers_manual_says)
{
    ck_assert_msg(glob_matches_piece(pieces[_i].pattern, pieces[_i].text) ==
                      pieces[_i].fits,
                  "'%s' in '%s'", pieces[_i].pattern, pieces[_i].text);
}
END_TEST

static const struct {
    const char *pattern, *text;
    bool fits;
} wholes[] = {
    {"foo", "foo", true},
    {"foo", "foobar", false},
    {"foo", "afoo", false},
    {"foo*", "foobar", true},
    {"f?o", "fxo", true},
    {"f?o", "fo", false},
    {"*", "", true},
    {"?", "", false},
    {"*a*b", "xaxbxb", true},
    {"*a*b", "xaxbxc", false},
    {"a**b", "ab", true},
    {"^foo", "foo", false},
    {"*.so.?", "x.so.1", true},
    {"a*", "", false},
};

START_TEST(a_whole_is_a_whole)
{
    ck_assert_msg(glob_matches(wholes[_i].pattern, wholes[_i].text) ==
                      wholes[_i].fits,
                  "'%s' for '%s'", wholes[_i].pattern, wholes[_i].text);
}
END_TEST

START_TEST(a_pattern_of_many_stars_is_no_bomb)
{
    char text[2001];
    memset(text, 'a', 2000);
    text[2000] = 0;

    ck_assert(!glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
    ck_assert(!glob_matches_piece("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}
END_TEST

#define BLOCK(frames) "{\n  name\n  Memcheck:Leak\n" frames "\n}\n"

static const struct {
    const char *text;
    bool fits;
} leaks[] = {
    /* LeakSanitizer's: function, file and module of any frame; an id */
    {"leak:Pool<int>", true},
    {"leak:^xmalloc$", true},
    {"leak:^malloc$", false},
    {"leak:pool.cc", true},
    {"leak:libthing", true},
    {"leak:libother", false},
    {"leak:^1f3c9a0d00000001$", true},
    {"# leak:main\n\n", false},
    {"  leak: main  \r\n", true},
    /* Valgrind's: frames, innermost first, the entry point before them */
    {BLOCK("fun:malloc"), true},
    {BLOCK("fun:*alloc\nfun:xmalloc"), true},
    {BLOCK("fun:xmalloc"), false},
    {BLOCK("fun:calloc\n..."), false},
    {BLOCK("fun:malloc\nfun:main"), false},
    {BLOCK("fun:malloc\n...\nfun:main"), true},
    {BLOCK("...\nfun:main"), true},
    {BLOCK("...\nfun:main\nfun:_start"), false},
    {BLOCK("...\nfun:x*\n...\nfun:ma?n"), true},
    {BLOCK("...\nfun:main\n...\nfun:xmalloc"), false},
    {BLOCK("fun:malloc\nfun:xmalloc\nfun:ns::Pool<int>::take(char*)"), true},
    {BLOCK("...\nfun:_ZN2ns4PoolIiE4takeEPc"), true},
    {BLOCK("...\nfun:_ZN2ns4PoolIiE4takeEPi"), false},
    {BLOCK("...\nfun:pthread_create@@GLIBC_*"), true},
    {BLOCK("...\nobj:*/libthing.so.*"), true},
    {BLOCK("...\nobj:libthing.so.1"), false},
    {BLOCK("fun:malloc\n...\nfun:*\nobj:" LIB "\nfun:pthread*"), true},
    {BLOCK("...\nobj:" LIB "\nobj:" LIB), false},
    {BLOCK("...\nsrc:pool.cc"), true},
    {BLOCK("...\nsrc:pool.cc:40"), true},
    {BLOCK("...\nsrc:pool.cc:41"), false},
    {BLOCK("...\nsrc:src/*.cc:40"), true},
    {BLOCK("fun:malloc\nobj:*\nobj:*\nfun:???\nobj:*\nobj:*"), true},
    {BLOCK("fun:malloc\nobj:*\nobj:*\nfun:*\nobj:*\nobj:*\nobj:*"), false},
    {BLOCK("match-leak-kinds: definite\nfun:malloc"), true},
    {BLOCK("match-leak-kinds: possible, reachable\nfun:malloc"), false},
    {BLOCK("match-leak-kinds:all\nfun:malloc"), true},
    {BLOCK("match-leak-kinds: none\nfun:malloc"), false},
    {"{\nname\nMemcheck,Addrcheck:Leak\nfun:malloc\n}", true},
    {"{\nname\nMemcheck:Cond\nfun:malloc\n}", false},
    {"{\nname\nHelgrind:Race\nfun:malloc\n}", false},
    {"{\nname\nMemcheck:Param\nwrite(buf)\n...\n}\nleak:main", true},
    /* and both in one file */
    {BLOCK("fun:calloc") "cycle:*\nleak:main\n", true},
    {"cycle:*\nunbalanced:*\nmisuse:*\n", false},
};

START_TEST(a_leak_is_suppressed_by_what_fits_it)
{
    const struct finding f = a_leak();

    ck_assert_msg(parse(leaks[_i].text) == 0, "%s", error.text);
    ck_assert_msg(fits(&f) == leaks[_i].fits, "%s", leaks[_i].text);
}
END_TEST

START_TEST(an_operator_has_the_name_that_valgrind_gives_it)
{
    struct finding f = a_leak();
    f.allocator = "operator new[]";

    ck_assert_int_eq(parse(BLOCK("fun:_Znam\nfun:xmalloc")), 0);
    ck_assert(fits(&f));
    f.allocator = "operator new";
    ck_assert(!fits(&f));
    ck_assert_int_eq(parse(BLOCK("fun:operator new(*)")), 0);
    ck_assert(fits(&f));
}
END_TEST

START_TEST(a_leak_of_unknown_reach_is_of_every_kind)
{
    struct finding f = a_leak();
    f.reach = REACH_UNKNOWN;

    ck_assert_int_eq(parse(BLOCK("match-leak-kinds: possible\nfun:malloc")), 0);
    ck_assert(fits(&f));
}
END_TEST

START_TEST(one_entry_must_fit_all_stacks_of_a_leak)
{
    struct finding f = a_leak();
    struct finding_place places[] = {
        {.allocator = "malloc", .stack = {5, calls}},
        {.allocator = "calloc", .stack = {4, calls + 1}},
    };
    f.n_places = 2;
    f.places = places;

    ck_assert_int_eq(parse("leak:xmalloc.c\n" BLOCK("fun:malloc")), 0);
    ck_assert(!fits(&f));
    ck_assert_int_eq(parse(BLOCK("fun:*\n...\nfun:main")), 0);
    ck_assert(fits(&f));
}
END_TEST

static const struct {
    enum finding_kind kind;
    const char *text;
    bool fits;
} owns[] = {
    {FINDING_CYCLE, "cycle:Session.window", true},
    {FINDING_CYCLE, "cycle:Window.items[]", true},
    {FINDING_CYCLE, "cycle:Session.*", true},
    {FINDING_CYCLE, "cycle:Session.items[]", false},
    {FINDING_CYCLE, "cycle:Sess", false},
    {FINDING_CYCLE, "cycle:Window", true},
    {FINDING_CYCLE, "cycle:a41c09e2", true},
    {FINDING_CYCLE, "cycle:a41c09e2a41c09e2", true},
    {FINDING_CYCLE, "cycle:a41c09e3", false},
    {FINDING_CYCLE, "cycle:a41c0", false},
    {FINDING_CYCLE, "unbalanced:Session", false},
    {FINDING_CYCLE, "leak:Session", false},
    {FINDING_UNBALANCED, "unbalanced:Sess*", true},
    {FINDING_OVER_RELEASE, "over-release:Window", true},
    {FINDING_GHOST_EDGE, "ghost-edge:Session.window", true},
    {FINDING_MISUSE, "misuse:double-*", true},
    {FINDING_MISUSE, "misuse:zombie", false},
};

START_TEST(what_counts_is_suppressed_by_type_field_words_and_id)
{
    const struct finding f = counted(owns[_i].kind);

    ck_assert_msg(parse(owns[_i].text) == 0, "%s", error.text);
    ck_assert_msg(fits(&f) == owns[_i].fits, "%s", owns[_i].text);
}
END_TEST

/* What is wrong, and the line that the message names. */
static const struct {
    const char *text;
    const char *said;
} wrong[] = {
    {"leak:a\nlaek:b\n", "my.supp:2: 'laek:b': expected leak:"},
    {"# x\n\nfoo\n", "my.supp:3: 'foo': expected leak:"},
    {"leak:\n", "my.supp:1: 'leak:': expected a pattern"},
    {"cycle:  \n", "my.supp:1: 'cycle:': expected a pattern"},
    {"interceptor_via_fun:x\n", "my.supp:1: "},
    {"}\n", "my.supp:1: '}': expected leak:"},
    {"{\n", "my.supp:1: expected a name"},
    {"{\n}\n", "my.supp:1: expected a name"},
    {"\n{\nname\n", "my.supp:2: expected a '}'"},
    {"{\nname\nMemcheck:Leak\nfun:a\n", "my.supp:1: expected a '}'"},
    {"{\nname\nMemcheck:Leak\nfun:a\n{\n", "my.supp:1: expected a '}'"},
    {"{\nname\nMemcheck:Cond\nfun:a\n", "my.supp:1: expected a '}'"},
    {"{\nname\nMemcheck\nfun:a\n}\n", "my.supp:3: 'Memcheck': expected TOOL"},
    {"{\nname\nfun:malloc\n}\n", "my.supp:3: 'fun:malloc': expected TOOL"},
    {"{\nname\nMemcheck:Leek\nfun:a\n}\n",
     "my.supp:3: 'Memcheck:Leek': expected Memcheck:Leak"},
    {"{\nname\nMemcheck:Leak\nfunc:a\n}\n",
     "my.supp:4: 'func:a': expected fun:NAME"},
    {"{\nname\nMemcheck:Leak\nfun:\n}\n", "my.supp:4: 'fun:': expected"},
    {"{\nname\nMemcheck:Leak\n}\n", "my.supp:4: '}': expected at least one"},
    {"{\nname\nMemcheck:Leak\n...\n}\n",
     "my.supp:5: '}': expected at least one"},
    {"{\nname\nMemcheck:Leak\nmatch-leak-kinds: definit\nfun:a\n}\n",
     "my.supp:4: 'match-leak-kinds: definit': expected definite"},
    {"{\nname\nMemcheck:Leak\nmatch-leak-kinds:\nfun:a\n}\n", "my.supp:4: "},
    {"{\nname\nMemcheck:Leak\nmatch-leak-kinds: definite all\nfun:a\n}\n",
     "my.supp:4: "},
    {"{\nname\nMemcheck:Leak\nfun:a\nmatch-leak-kinds: all\n}\n",
     "my.supp:5: "},
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    ck_assert_int_eq(parse(wrong[_i].text), -1);
    ck_assert_int_eq(error.code, RC_USAGE);
    ck_assert_msg(strncmp(error.text, wrong[_i].said, strlen(wrong[_i].said)) ==
                      0,
                  "'%s', not '%s'", error.text, wrong[_i].said);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_a_usage_error)
{
    ck_assert_int_eq(suppressions_read(&list, "/nowhere/my.supp", &error), -1);
    ck_assert_int_eq(error.code, RC_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/my.supp"));
}
END_TEST

START_TEST(what_is_suppressed_goes_and_is_counted_by_the_first_that_fits)
{
    struct finding all[] = {a_leak(), counted(FINDING_CYCLE),
                            counted(FINDING_MISUSE)};
    struct findings f = {.n = 3, .at = all};

    ck_assert_int_eq(parse("leak:nothing\nleak:main\nleak:*\nmisuse:*\n"), 0);
    suppressions_apply(&list, &f, "/bin/a", false);

    ck_assert_uint_eq(f.n, 1);
    ck_assert_int_eq(f.at[0].kind, FINDING_CYCLE);
    ck_assert_uint_eq(list.at[0].findings, 0);
    ck_assert_uint_eq(list.at[1].findings, 1);
    ck_assert_uint_eq(list.at[1].instances, 3);
    ck_assert_uint_eq(list.at[1].blocks, 3);
    ck_assert_uint_eq(list.at[1].bytes, 72);
    ck_assert_uint_eq(list.at[2].findings, 0);
    ck_assert_uint_eq(list.at[3].findings, 1);
}
END_TEST

START_TEST(what_is_to_be_shown_stays_and_is_counted)
{
    struct finding all[] = {a_leak()};
    struct findings f = {.n = 1, .at = all};

    ck_assert_int_eq(parse("leak:main"), 0);
    suppressions_apply(&list, &f, "/bin/a", true);

    ck_assert_uint_eq(f.n, 1);
    ck_assert_uint_eq(list.at[0].findings, 1);
}
END_TEST

START_TEST(a_second_reading_counts_nothing)
{
    struct finding all[] = {a_leak()};
    struct findings f = {.n = 1, .at = all};

    ck_assert_int_eq(parse("leak:main"), 0);
    list.counted = true;
    suppressions_apply(&list, &f, "/bin/a", false);

    ck_assert_uint_eq(f.n, 0);
    ck_assert_uint_eq(list.at[0].findings, 0);
}
END_TEST

START_TEST(a_programs_own_are_added_once_however_many_run)
{
    const char text[] = "leak:a\nleak:b\n";

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(suppressions_parse(&list, SUPPRESSIONS_OF_PROGRAM,
                                            text, sizeof text - 1, "/bin/a",
                                            &error),
                         0);
    ck_assert_uint_eq(list.n, 2);
    ck_assert_int_eq(parse(text), 0);
    ck_assert_uint_eq(list.n, 4);
}
END_TEST

START_TEST(what_a_program_says_is_for_its_own_images)
{
    struct finding all[] = {a_leak()};
    struct findings f = {.n = 1, .at = all};

    ck_assert_int_eq(suppressions_parse(&list, SUPPRESSIONS_OF_PROGRAM,
                                        "leak:main", 9, "/bin/a", &error),
                     0);
    suppressions_apply(&list, &f, NULL, false);
    suppressions_apply(&list, &f, "/bin/b", false);
    ck_assert_uint_eq(f.n, 1);
    suppressions_apply(&list, &f, "/bin/a", false);
    ck_assert_uint_eq(f.n, 0);
}
END_TEST

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Whatever is in it: read, or refused with a line. */
START_TEST(a_damaged_file_is_read_or_refused)
{
    static const char whole[] = "# x\nleak:^a*b$\ncycle:Session.window\n" BLOCK(
        "match-leak-kinds: definite,possible\nfun:_Znwm\n...\n"
        "fun:_ZN2ns4PoolIiE4takeEPc\nsrc:a.c:12\nobj:*.so") "{\nother\nMemcheck"
                                                            ":Cond\nfun:a\n}"
                                                            "\nmisuse:?\n";
    static const char bytes[] = "{}:*?^$#\n .,0aZ_\xff";
    const struct finding f = a_leak();
    uint32_t seed = 77777u + (uint32_t)_i;
    char text[sizeof whole];
    memcpy(text, whole, sizeof whole);

    for (uint32_t k = next(&seed) % 12; k > 0; k--)
        text[next(&seed) % (sizeof whole - 1)] =
            bytes[next(&seed) % sizeof bytes];
    const size_t len = next(&seed) % sizeof whole;
    const int code =
        suppressions_parse(&list, "my.supp", text, len, NULL, &error);
    fits(&f);

    ck_assert_msg(code == 0 || strncmp(error.text, "my.supp:", 8) == 0,
                  "seed %d: %s", 77777 + _i, error.text);
}
END_TEST

#define N(array) (int)(sizeof(array) / sizeof(array)[0])

Suite *suppressions_suite(void);

Suite *suppressions_suite(void)
{
    Suite *s = suite_create("suppressions");
    TCase *t = tcase_create("patterns");
    tcase_add_loop_test(t, a_piece_is_found_as_leak_sanitizers_manual_says, 0,
                        N(pieces));
    tcase_add_loop_test(t, a_whole_is_a_whole, 0, N(wholes));
    tcase_add_test(t, a_pattern_of_many_stars_is_no_bomb);
    suite_add_tcase(s, t);
    t = tcase_create("entries");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(t, a_leak_is_suppressed_by_what_fits_it, 0, N(leaks));
    tcase_add_test(t, an_operator_has_the_name_that_valgrind_gives_it);
    tcase_add_test(t, a_leak_of_unknown_reach_is_of_every_kind);
    tcase_add_test(t, one_entry_must_fit_all_stacks_of_a_leak);
    tcase_add_loop_test(t, what_counts_is_suppressed_by_type_field_words_and_id,
                        0, N(owns));
    tcase_add_loop_test(t, what_is_wrong_is_said_with_its_line, 0, N(wrong));
    tcase_add_test(t, a_file_that_is_not_there_is_a_usage_error);
    tcase_add_test(
        t, what_is_suppressed_goes_and_is_counted_by_the_first_that_fits);
    tcase_add_test(t, what_is_to_be_shown_stays_and_is_counted);
    tcase_add_test(t, a_second_reading_counts_nothing);
    tcase_add_test(t, a_programs_own_are_added_once_however_many_run);
    tcase_add_test(t, what_a_program_says_is_for_its_own_images);
    tcase_add_loop_test(t, a_damaged_file_is_read_or_refused, 0, 300);
    suite_add_tcase(s, t);
    return s;
}
