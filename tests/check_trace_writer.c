/* SPDX-License-Identifier: MIT */
/* check_trace_writer.c - what the tool writes itself, its reader reads */
#include "read_back.h"
#include "trace/layout.h"
#include "trace/trace_writer.h"

#include <sys/stat.h>

/* ck_assert costs a system call, also where it holds. */
#define CLAIM(ok, i)                                                           \
    do {                                                                       \
        if (!(ok))                                                             \
            ck_abort_msg("%lu: not: %s", (unsigned long)(i), #ok);             \
    } while (0)

static struct trace_writer w;
static struct trace t;
static struct seen seen;
static struct err error;
static char path[64];
static bool is_open;

static void set_up(void)
{
    snprintf(path, sizeof path, "/tmp/check_writer.%d.trace", (int)getpid());
    unlink(path);
    ck_assert_int_eq(trace_writer_begin(&w, path, &error), 0);
}

static void release(void)
{
    if (is_open)
        trace_close(&t);
    is_open = false;
    unsee(&seen);
    unlink(path);
}

static void read_it(void)
{
    if (trace_writer_end(&w, &error) != 0 || trace_open(&t, path, &error) != 0)
        ck_abort_msg("%s", error.text);
    is_open = true;
    if (trace_walk(&t, see, &seen, &error) != 0)
        ck_abort_msg("%s", error.text);
    for (uint32_t i = 0; i < t.n_chunks; i++)
        CLAIM(t.chunks[i].sealed &&
                  layout_verify(&t, &t.chunks[i], &error) == 0,
              i);
}

static uint32_t text(const char *s)
{
    return trace_writer_text(&w, s, strlen(s));
}

START_TEST(each_record_comes_back)
{
    const char *const argv[] = {"a", "b c"};
    trace_writer_process(&w, "/bin/prog", 2, argv);
    trace_writer_no_collections(&w);
    trace_writer_new(&w, 0x5000, text("Node"), -7);
    trace_writer_label(&w, 0x5000, text("it"));
    trace_writer_immortal(&w, 0x5000);
    trace_writer_new(&w, 0x5001, text("Node"), INT64_MAX);
    trace_writer_link(&w, 0x5000, text("next"), 0x5001);
    trace_writer_link(&w, 0x5001, 0, 0x5000);
    trace_writer_root(&w, text("global"), 0x5000);
    read_it();

    static const unsigned kinds[] = {
        OURO_REC_GC_DISABLE, OURO_REC_NEW_AT, OURO_REC_LABEL,
        OURO_REC_IMMORTAL,   OURO_REC_NEW_AT, OURO_REC_LINK,
        OURO_REC_LINK,       OURO_REC_ROOT,   OURO_END,
    };
    ck_assert_uint_eq(seen.n, sizeof kinds / sizeof kinds[0]);
    for (uint32_t i = 0; i < seen.n; i++) {
        ck_assert_uint_eq(seen.events[i].kind, kinds[i]);
        ck_assert_uint_eq(seen.events[i].stack, 0);
        ck_assert_uint_eq(seen.events[i].stamp, i + 2);
    }
    const struct event *e = seen.events;
    ck_assert_uint_eq(e[1].a, 0x5000);
    ck_assert_int_eq(e[1].n, -7);
    ck_assert_str_eq(t.strings.text[e[1].text], "Node");
    ck_assert_str_eq(t.strings.text[e[2].text], "it");
    ck_assert_uint_eq(e[3].a, 0x5000);
    ck_assert_int_eq(e[4].n, INT64_MAX);
    ck_assert_uint_eq(e[4].text, e[1].text);
    ck_assert_uint_eq(e[5].a, 0x5000);
    ck_assert_uint_eq(e[5].b, 0x5001);
    ck_assert_str_eq(t.strings.text[e[5].text], "next");
    ck_assert_uint_eq(e[6].text, 0);
    ck_assert_str_eq(t.strings.text[e[7].text], "global");
    ck_assert_uint_eq(e[7].b, 0x5000);
    ck_assert_str_eq(t.exe, "/bin/prog");
    ck_assert_uint_eq(t.n_argv, 2);
    ck_assert_str_eq(t.argv[1], "b c");
    ck_assert_int_eq(t.end_how, OURO_END_EXIT);
    ck_assert(!t.cut);
}
END_TEST

/* Strings have their numbers anew in each chunk, addresses their differences.
 */
START_TEST(any_address_and_any_number_of_chunks_come_back)
{
    enum { N = 60000 };
    char name[256];
    uint64_t random = 12345;
    uint64_t *addresses = must_calloc(N, sizeof *addresses);
    int64_t *counts = must_calloc(N, sizeof *counts);
    for (int i = 0; i < N; i++) {
        const uint64_t bits = random_below(&random, UINT64_MAX);
        addresses[i] = bits >> (2 + random_below(&random, 62)) | 1;
        addresses[i] <<= random_below(&random, 2) * 4;
        addresses[i] &= TRACE_WRITER_ADDRESSES - 1;
        counts[i] = (int64_t)(bits >> random_below(&random, 64));
        snprintf(name, sizeof name, "%0200d", (int)random_below(&random, 9000));
        trace_writer_new(&w, addresses[i], text(name), counts[i]);
    }
    read_it();

    ck_assert_uint_ge(t.n_chunks, 3);
    ck_assert_uint_eq(seen.n, N + 1);
    for (int i = 0; i < N; i++) {
        CLAIM(seen.events[i].a == addresses[i], i);
        CLAIM(seen.events[i].n == counts[i], i);
        CLAIM(seen.events[i].stamp == (uint64_t)i + 1, i);
        CLAIM(strlen(t.strings.text[seen.events[i].text]) == 200, i);
    }
    free(addresses);
    free(counts);
}
END_TEST

START_TEST(a_text_is_cut_where_the_format_cuts_it)
{
    char *longest = must_calloc(1, OURO_MAX_STRING + 2);
    memset(longest, 'x', OURO_MAX_STRING + 1);
    trace_writer_new(&w, 1, text(longest), 1);
    trace_writer_label(&w, 1, text(longest));
    free(longest);
    read_it();

    ck_assert_uint_eq(strlen(t.strings.text[seen.events[0].text]),
                      OURO_MAX_STRING);
    ck_assert_uint_eq(seen.events[1].text, seen.events[0].text);
}
END_TEST

START_TEST(what_is_there_is_not_overwritten)
{
    struct trace_writer other;
    struct stat st;

    ck_assert_int_eq(trace_writer_begin(&other, path, &error), -1);
    ck_assert_int_eq(error.code, RC_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "File exists"));
    ck_assert_int_eq(trace_writer_end(&w, &error), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(what_is_not_finished_is_no_trace)
{
    for (int i = 1; i < 200000; i++)
        trace_writer_new(&w, 16 * (uint64_t)i, 0, 1);
    fflush(w.to);

    ck_assert_int_eq(trace_open(&t, path, &error), -1);
    ck_assert_int_eq(trace_writer_end(&w, &error), 0);
    ck_assert_int_eq(trace_open(&t, path, &error), 0);
    is_open = true;
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    fclose(w.to);
    w.to = fopen("/dev/full", "w");
    trace_writer_new(&w, 16, 0, 1);

    ck_assert_int_eq(trace_writer_end(&w, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.text, "No space left"));
}
END_TEST

Suite *trace_writer_suite(void);

Suite *trace_writer_suite(void)
{
    Suite *s = suite_create("trace_writer");
    TCase *c = tcase_create("files");
    tcase_add_checked_fixture(c, set_up, release);
    tcase_add_test(c, each_record_comes_back);
    tcase_add_test(c, any_address_and_any_number_of_chunks_come_back);
    tcase_add_test(c, a_text_is_cut_where_the_format_cuts_it);
    tcase_add_test(c, what_is_there_is_not_overwritten);
    tcase_add_test(c, what_is_not_finished_is_no_trace);
    tcase_add_test(c, a_full_disk_is_told);
    suite_add_tcase(s, c);
    return s;
}
