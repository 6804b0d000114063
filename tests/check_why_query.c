/* SPDX-License-Identifier: MIT */
/* check_why_query.c - a word is looked for in every image of a recording */
#include "finding_kit.h"
#include "report/why_query.h"

enum { A = 0x10000, B = 0x20000, APART = 0x1000, MOST_TEXT = 1 << 16 };

#define LABEL(p, name) SAY(OURO_REC_LABEL, .a = (p), .text = (name))

static char dir[64], out[MOST_TEXT], err[MOST_TEXT];

static const char *in_dir(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void begin(void)
{
    strcpy(dir, "/tmp/check_why.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_ptr_nonnull(freopen(in_dir("stderr"), "w+", stderr));
}

static void end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static void process_begins(void)
{
    kit_begin();
    AT(1);
}

static void process_ends(uint32_t pid, uint32_t serial)
{
    char name[64];
    struct ouro_trace_header *h = build_header(&kit.b);
    h->pid = pid;
    h->serial = serial;
    h->start_ns = (uint64_t)pid * 100 + serial;
    h->last_ns += h->start_ns;
    snprintf(name, sizeof name, "%u.%u.trace", pid, serial);
    ck_assert(build_save(&kit.b, in_dir(name)));
    kit_release();
}

/* One with an object. */
static void process(uint32_t pid, uint64_t at, const char *type)
{
    process_begins();
    MALLOC(at, 64);
    NEW(at, type);
    LABEL(at, "it");
    process_ends(pid, 0);
}

static const char *nearest(const char *word, const char *const *names, int n)
{
    (void)word;
    return n > 0 ? names[0] : NULL;
}

static void read_back(char text[MOST_TEXT], FILE *from)
{
    rewind(from);
    text[fread(text, 1, MOST_TEXT - 1, from)] = '\0';
}

static int why(const char *word, uint32_t pid, bool all)
{
    const struct why_options o = {.pid = pid, .all = all, .nearest = nearest};
    FILE *to = fopen(in_dir("out"), "w+");
    const int code = why_recording(dir, word, &o, to);
    read_back(out, to);
    fclose(to);
    fflush(stderr);
    read_back(err, stderr);
    ck_assert_int_eq(ftruncate(fileno(stderr), 0), 0);
    rewind(stderr);
    return code;
}

static void says(const char *text, const char *words)
{
    ck_assert_msg(strstr(text, words) != NULL, "no \"%s\" in:\n%s", words,
                  text);
}

static uint32_t lines(const char *text)
{
    uint32_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

START_TEST(an_object_of_one_process_is_explained_with_its_process)
{
    process(11, A, "Thing");
    process(12, B, "Other");

    ck_assert_int_eq(why("Other", 0, false), 0);
    says(out, "(process 12,");
    says(out, "Other \"it\" at 0x20000");
    ck_assert_ptr_null(strstr(out, "process 11"));
    ck_assert_str_eq(err, "");
}
END_TEST

START_TEST(objects_of_several_processes_are_listed_and_a_pid_picks)
{
    process(11, A, "Thing");
    process(12, A, "Thing");

    ck_assert_int_eq(why("0x10008", 0, false), 0);
    says(out, "2 things are meant");
    says(out, "process 11  Thing \"it\"");
    says(out, "process 12  Thing \"it\"");
    says(out, "ouro why --pid=11 ");
    ck_assert_int_eq(why("0x10008", 12, false), 0);
    says(out, "(process 12,");
    says(out, "Thing \"it\" at 0x10000");
}
END_TEST

START_TEST(images_of_one_process_are_told_apart_by_their_files)
{
    for (uint32_t serial = 0; serial < 2; serial++) {
        process_begins();
        MALLOC(A, 64);
        process_ends(11, serial);
    }

    ck_assert_int_eq(why("0x10008", 11, false), 0);
    says(out, "11.0.trace 0x10000");
}
END_TEST

START_TEST(damage_is_said_and_the_others_are_served)
{
    process(11, A, "Thing");
    FILE *f = fopen(in_dir("12.0.trace"), "w");
    fputs("no trace", f);
    fclose(f);

    ck_assert_int_eq(why("Thing", 0, false), 3);
    says(out, "Thing \"it\" at 0x10000");
    ck_assert_uint_eq(lines(err), 1);
    says(err, "12.0.trace");

    ck_assert_int_eq(why("Nothing", 0, false), 3);
    ck_assert_str_eq(out, "");
    ck_assert_uint_eq(lines(err), 2);
}
END_TEST

START_TEST(where_nothing_is_meant_one_line_says_what_would_be)
{
    process(11, A, "Thing");

    ck_assert_int_eq(why("Thong", 0, false), 2);
    ck_assert_str_eq(out, "");
    ck_assert_uint_eq(lines(err), 1);
    says(err, "nothing is called 'Thong'; did you mean 'Thing'?");
    ck_assert_int_eq(why("0x5", 0, false), 2);
    ck_assert_uint_eq(lines(err), 1);
}
END_TEST

START_TEST(a_process_that_is_not_there_is_said_once)
{
    process(11, A, "Thing");

    ck_assert_int_eq(why("Thing", 99, false), 2);
    ck_assert_uint_eq(lines(err), 1);
    says(err, "no process 99");
}
END_TEST

START_TEST(a_recording_that_is_not_there_is_said_once)
{
    ck_assert_int_eq(why("Thing", 0, false), 3);
    ck_assert_uint_eq(lines(err), 1);
}
END_TEST

START_TEST(the_list_is_limited)
{
    process_begins();
    for (uint64_t i = 0; i < 30; i++) {
        MALLOC(A + i * APART, 64);
        NEW(A + i * APART, "Thing");
    }
    process_ends(11, 0);

    ck_assert_int_eq(why("Thing", 0, false), 0);
    says(out, "30 objects are meant by \"Thing\":");
    says(out, "... and 10 more");
    ck_assert_int_eq(why("Thing", 0, true), 0);
    ck_assert_ptr_null(strstr(out, "more"));
    says(out, "\n  30  0x2d000");
}
END_TEST

START_TEST(a_block_is_told_by_its_site_and_owner)
{
    process_begins();
    MALLOC(A, 64);
    NEW(A, "Owner");
    MALLOC(B, 10);
    SAY(OURO_REC_OWN, .a = A, .b = B);
    CALLOC(B + APART, 7);
    process_ends(11, 0);

    ck_assert_int_eq(why("0x20001", 0, false), 0);
    says(out, "block at 0x20000, 10 bytes by malloc");
    says(out, "owned by   Owner at 0x10000");
    ck_assert_int_eq(why("0x21000", 0, false), 0);
    says(out, "7 bytes by calloc");
    says(out, "memory was not");
}
END_TEST

START_TEST(the_dead_are_told_where_nothing_lives)
{
    process_begins();
    for (int i = 0; i < 3; i++) {
        MALLOC(A, 64);
        NEW(A, "Thing");
        AT(2);
        DECREF(A);
        FREE(A);
    }
    process_ends(11, 0);

    ck_assert_int_eq(why("0x10000", 0, false), 0);
    says(out, "Thing at 0x10000, 64 bytes: dead at the end");
    says(out, "2 more lived and died there before it");
    ck_assert_int_eq(why("Thing", 0, false), 0);
    says(out, "2 more that \"Thing\" means died before it");
    ck_assert_str_eq(err, "");
}
END_TEST

START_TEST(who_still_refers_to_the_dead_is_told)
{
    process_begins();
    MALLOC(A, 64);
    NEW(A, "Owner");
    MALLOC(B, 64);
    NEW(B, "Thing");
    LINK(A, "field", B);
    FREE(B);
    process_ends(11, 0);

    ck_assert_int_eq(why("Thing", 0, false), 0);
    says(out, "held by    Owner at 0x10000: not undone to the end");
    ck_assert_int_eq(why("Owner", 0, false), 0);
    says(out, "the dead   Thing at 0x20000 by field, which died");
}
END_TEST

Suite *why_query_suite(void);

Suite *why_query_suite(void)
{
    Suite *s = suite_create("why_query");
    TCase *t = tcase_create("recordings");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, an_object_of_one_process_is_explained_with_its_process);
    tcase_add_test(t, objects_of_several_processes_are_listed_and_a_pid_picks);
    tcase_add_test(t, images_of_one_process_are_told_apart_by_their_files);
    tcase_add_test(t, damage_is_said_and_the_others_are_served);
    tcase_add_test(t, where_nothing_is_meant_one_line_says_what_would_be);
    tcase_add_test(t, a_process_that_is_not_there_is_said_once);
    tcase_add_test(t, a_recording_that_is_not_there_is_said_once);
    tcase_add_test(t, the_list_is_limited);
    tcase_add_test(t, a_block_is_told_by_its_site_and_owner);
    tcase_add_test(t, the_dead_are_told_where_nothing_lives);
    tcase_add_test(t, who_still_refers_to_the_dead_is_told);
    suite_add_tcase(s, t);
    return s;
}
