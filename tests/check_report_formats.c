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

static struct judged judge_by_kind(void *to, const struct image *i,
                                   const struct finding *f)
{
    (void)to;
    (void)i;
    if (f->kind == FINDING_CYCLE)
        return (struct judged){JUDGED_NEW, true};
    if (f->kind == FINDING_LEAK)
        return (struct judged){JUDGED_KNOWN, false};
    return (struct judged){JUDGED_GROWN, true};
}

/* A new cycle, a misuse that has grown, a known leak; and one is fixed. */
static void write_judged(const char *format)
{
    static const struct fixed_finding fixed[] = {
        {"feedfacefeedface", "leak", NASTY}};
    static const struct judge judge = {judge_by_kind, NULL, 1, fixed};
    add(cycle());
    add(misuse());
    add(leak(0));
    judging = &judge;
    write_images(report_format_named(format), 1);
}

START_TEST(sarif_says_what_has_come_of_a_finding)
{
    write_judged("sarif");
    json_t *log = json_loads(written, 0, NULL);
    const json_t *run = at(log, "runs", 0);
    static const char *const states[] = {"new", "updated", "unchanged"};
    static const char *const levels[] = {"error", "error", "note"};
    static const char *const rules[] = {"cycle", "misuse/double-free", "leak"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *result = at(run, "results", i);
        ck_assert_str_eq(
            json_string_value(json_object_get(result, "baselineState")),
            states[i]);
        ck_assert_str_eq(json_string_value(json_object_get(result, "level")),
                         levels[i]);
        ck_assert_str_eq(json_string_value(json_object_get(result, "ruleId")),
                         rules[i]);
    }
    const json_t *gone = at(json_object_get(run, "properties"), "fixed", 0);
    ck_assert_str_eq(json_string_value(json_object_get(gone, "id")),
                     "feedfacefeedface");
    json_decref(log);
}
END_TEST

START_TEST(junit_says_what_has_come_of_a_finding)
{
    write_judged("junit");
    assert_shows("tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\"");
    assert_shows("<failure type=\"cycle\" message=\"new: reference cycle");
    assert_shows("<failure type=\"misuse\" message=\"grown: double-free");
    assert_shows("<skipped message=\"known: leak of 96 bytes");
    assert_shows("<testcase classname=\"ouro\" name=\"leak feedface, fixed: n");
}
END_TEST

START_TEST(annotations_say_what_has_come_of_a_finding)
{
    write_judged("github");
    assert_shows("::error file=window.c,line=88,title=new%3A cycle a41c09e2::");
    assert_shows("title=grown%3A misuse 1f3c9a0d::double-free");
    assert_shows("::notice file=list.h,line=12,title=known%3A leak 1f3c9a0d::");
    assert_shows("::notice title=fixed%3A leak feedface::no longer found");
}
END_TEST

START_TEST(markdown_puts_what_fails_first)
{
    write_judged("markdown");
    assert_shows("### Ouro: new findings\n\n1 new, 1 grown, 1 known, 1 fixed");
    assert_shows("| **new** | `cycle a41c09e2` |");
    assert_shows("| **grown** | `misuse 1f3c9a0d` |");
    assert_shows("| known | `leak 1f3c9a0d` |");
    ck_assert(strstr(written, "| **grown** |") < strstr(written, "| known |"));
}
END_TEST

START_TEST(a_headline_says_in_which_test_it_came_about)
{
    struct finding_checkpoint came[] = {{"second\ntest", 2, 1},
                                        {"fourth test", 4, 2}};
    struct finding f = leak(0);
    f.checkpoints = came;
    f.n_checkpoints = 2;
    add(f);
    write_images(report_format_named("junit"), 1);
    assert_shows(", at checkpoint &#34;second\\x0atest&#34; and 1 more\">");
}
END_TEST

START_TEST(sarif_tells_5000_results_of_a_level_and_counts_the_others)
{
    for (int i = 0; i < 2600; i++)
        add(leak(i));
    write_images(report_format_named("sarif"), 2);
    json_t *log = json_loads(written, 0, NULL);
    ck_assert_uint_eq(
        json_array_size(json_object_get(at(log, "runs", 0), "results")), 5000);
    assert_shows("left out: 200 results that fail, 0 that do not, 0 notes");
    json_decref(log);
}
END_TEST

/* A cycle as long as a list, each of whose stacks is deep. */
START_TEST(sarif_cuts_what_is_long_and_counts_it)
{
    enum { LONG = 3000 };
    static struct place deep[LONG];
    static struct finding_edge many[LONG];
    static uint32_t round[LONG];
    for (int i = 0; i < LONG; i++) {
        deep[i] = window[0];
        deep[i].line = (uint32_t)i + 1;
        many[i] = edges[0];
        many[i].stack = (struct places){LONG, deep};
        round[i] = (uint32_t)i;
    }
    struct finding f = cycle();
    f.n_edges = f.n_witness = LONG;
    f.edges = many;
    f.witness = round;
    f.closing_edge = LONG - 1;
    add(f);
    write_images(report_format_named("sarif"), 1);
    json_t *log = json_loads(written, 0, NULL);
    const json_t *result = at(at(log, "runs", 0), "results", 0);
    const json_t *flow = at(at(result, "codeFlows", 0), "threadFlows", 0);
    ck_assert_uint_eq(json_array_size(json_object_get(flow, "locations")),
                      1000);
    ck_assert_uint_eq(
        json_array_size(json_object_get(result, "relatedLocations")), 100);
    ck_assert_uint_eq(
        json_array_size(json_object_get(at(result, "stacks", 0), "frames")),
        100);
    assert_shows("\"left_out\": ");
    json_decref(log);
}
END_TEST

/* A name of a type and of a function that fills ten pages. */
START_TEST(a_comment_is_never_longer_than_github_takes)
{
    char *name = malloc(10001);
    memset(name, 'x', 10000);
    name[10000] = 0;
    struct place place = window[0];
    struct finding_type type = {name, 1};
    place.function = place.file = name;
    struct finding f = misuse();
    f.n_types = 1;
    f.types = &type;
    f.stack = (struct places){1, &place};
    for (int i = 0; i < 3000; i++)
        add(f);
    write_images(report_format_named("markdown"), 1);
    ck_assert_uint_lt(written_len, 65536);
    ck_assert_uint_gt(written_len, 40000);
    assert_shows("Left out here, for want of room: ");
    assert_shows("3,000 findings, in 1 process image");
    free(name);
}
END_TEST

START_TEST(ten_annotations_of_a_kind_and_no_more)
{
    for (int i = 0; i < 25; i++)
        add(leak(i));
    write_images(report_format_named("github"), 1);
    int n = 0;
    for (const char *at = written; (at = strstr(at, "::error ")); at++)
        n++;
    ck_assert_int_eq(n, 10);
    assert_shows("ouro: 15 more of kind error are not annotated");
}
END_TEST

/* No byte that does something to a terminal, and none that is no UTF-8. */
START_TEST(nothing_in_a_name_gets_through)
{
    make_nasty();
    write_images(report_formats[_i], 2);
    for (const char *at = written; *at;) {
        ck_assert_int_ne(*at, (char)0xff);
        const uint32_t c = utf8_next(&at);
        ck_assert_msg(c == '\n' || !utf8_is_control(c), "%x in:\n%.3600s", c,
                      written);
    }
    assert_hides("\n::error\r");
    assert_hides("\n=1+1");
}
END_TEST

Suite *report_formats_suite(void);

static TCase *judged(void)
{
    TCase *t = tcase_create("judged");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, sarif_says_what_has_come_of_a_finding);
    tcase_add_test(t, junit_says_what_has_come_of_a_finding);
    tcase_add_test(t, annotations_say_what_has_come_of_a_finding);
    tcase_add_test(t, markdown_puts_what_fails_first);
    tcase_add_test(t, a_headline_says_in_which_test_it_came_about);
    return t;
}

static TCase *limits(void)
{
    TCase *t = tcase_create("limits");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t,
                   sarif_tells_5000_results_of_a_level_and_counts_the_others);
    tcase_add_test(t, sarif_cuts_what_is_long_and_counts_it);
    tcase_add_test(t, a_comment_is_never_longer_than_github_takes);
    tcase_add_test(t, ten_annotations_of_a_kind_and_no_more);
    return t;
}

Suite *report_formats_suite(void)
{
    Suite *s = suite_create("report_formats");
    TCase *t = tcase_create("every");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_loop_test(t, equal_input_gives_equal_bytes, 0, n_formats());
    tcase_add_loop_test(t, every_format_is_in_the_help_and_in_the_message, 0,
                        n_formats());
    tcase_add_test(t, a_name_that_is_none_or_half_of_one_is_no_format);
    tcase_add_loop_test(t, nothing_in_a_name_gets_through, 0, n_formats());
    suite_add_tcase(s, t);
    suite_add_tcase(s, judged());
    suite_add_tcase(s, limits());
    return s;
}
