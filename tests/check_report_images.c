/* SPDX-License-Identifier: MIT */
/* check_report_images.c - what is told of process images: those that are clean,
   those that are not whole, and why a verdict is in doubt */
#include "report_kit.h"

START_TEST(clean_images_share_one_line)
{
    write_images(&report_text, 12);
    ck_assert_str_eq(written,
                     "12 process images: nothing found\nverdict: clean\n");
}
END_TEST

START_TEST(the_only_image_is_told_even_if_clean)
{
    text();
    assert_shows("./app --flag  (process 12, exit status 0)\n"
                 "    nothing found\n    54 allocations and 3 frees;");
    assert_shows("\nverdict: clean\n");
}
END_TEST

START_TEST(troubled_images_without_findings_are_told_up_to_ten)
{
    image.ending = ENDING_UNKNOWN;
    image.complete = false;
    write_images(&report_text, 14);
    assert_shows("(process 12, its end was not seen)\n    nothing found\n");
    assert_shows("... and 4 more process images without findings that cannot "
                 "be called clean;\n    'ouro report --all' tells them\n");
    assert_shows("verdict: indeterminate, as process 12 ended unseen\n");
}
END_TEST

START_TEST(losses_and_hints_are_noted)
{
    image.trace.n_lost = 5;
    image.trace.cut = true;
    image.trace.header.end = 81920;
    image.trace.header.stopped = OURO_STOPPED_SPACE;
    image.shadow.totals.order_conflicts = 1;
    image.findings.lines_missing = true;
    image.findings.symbols_note = "/x.so is gone or unreadable";
    add(leak(0));
    text();
    assert_tidy();
    assert_shows("    note: 5 events lost\n");
    assert_shows("    note: recording stopped early: no space left\n");
    assert_shows("    note: the trace is cut off at byte 4096 of 81920\n");
    assert_shows("    note: 1 order conflict: events");
    assert_shows("    note: /x.so is gone or unreadable\n");
    assert_shows("    note: compile with -g to see files and lines\n");
}
END_TEST

static const struct {
    bool cut;
    enum ouro_stopped stopped;
    uint64_t lost;
    const char *alive, *moment, *why;
} gaps[] = {
    {true, 0, 0, "alive when recording stopped", "when recording stopped",
     "left a trace that is cut off"},
    {false, OURO_STOPPED_SIZE, 0, "alive when recording stopped",
     "when recording stopped", "was not recorded to its end"},
    {false, 0, 3, "perhaps freed unseen", "at the end",
     "had events that were lost"},
};
enum { N_GAPS = sizeof gaps / sizeof gaps[0] };

static void make_gap(int i)
{
    image.trace.cut = gaps[i].cut;
    image.trace.header.end = 81920;
    image.trace.header.stopped = gaps[i].stopped;
    image.trace.n_lost = gaps[i].lost;
    image.complete = false;
}

START_TEST(what_may_have_been_freed_unseen_is_told_and_counts_for_nothing)
{
    char line[160];
    make_gap(_i);
    add(leak(0));
    struct finding f = misuse();
    f.what = "zombie";
    add(f);
    struct report r = {.out = open_memstream(&written, &written_len)};
    report_text.begin(&r);
    report_image(&r, &report_text, &image);
    report_text.end(&r);
    fclose(r.out);

    ck_assert(!r.totals.found);
    assert_tidy();
    snprintf(line, sizeof line, "96 bytes by malloc   %s\n", gaps[_i].alive);
    assert_shows(line);
    snprintf(line, sizeof line, "nothing certain; 1 leak, 1 misuse %s\n",
             gaps[_i].alive);
    assert_shows(line);
    snprintf(line, sizeof line, "blocks %s\n", gaps[_i].moment);
    assert_shows(line);
    snprintf(line, sizeof line, "verdict: indeterminate, as it %s\n",
             gaps[_i].why);
    assert_shows(line);
}
END_TEST

START_TEST(what_happened_counts_whatever_is_missing)
{
    make_gap(_i);
    add(misuse());
    add(leak(0));
    text();
    assert_shows("    1 misuse; 1 leak ");
    assert_shows(gaps[_i].cut ? "verdict: indeterminate"
                              : "verdict: findings\n");
}
END_TEST

static const struct {
    enum ending ending;
    bool cut;
    const char *line;
} doubts[] = {
    {ENDING_SIGNAL, false,
     "verdict: indeterminate, as it was killed by signal "
     "9\n"},
    {ENDING_SIGNAL, true,
     "verdict: indeterminate, as it was killed by signal "
     "9\n"},
    {ENDING_NOT, false, "verdict: indeterminate, as it still runs\n"},
    {ENDING_NOT, true, "verdict: indeterminate, as it still runs\n"},
    {ENDING_UNKNOWN, false, "verdict: indeterminate, as it ended unseen\n"},
};

START_TEST(an_indeterminate_verdict_says_why)
{
    image.ending = doubts[_i].ending;
    image.status = 9;
    image.trace.cut = doubts[_i].cut;
    text();
    assert_shows(doubts[_i].line);
}
END_TEST

START_TEST(what_still_runs_is_told_as_of_now)
{
    image.ending = ENDING_NOT;
    image.trace.cut = true;
    image.shadow.totals.objects_created = 7;
    image.shadow.totals.objects_live = 2;
    add(leak(0));
    text();
    assert_shows("blocks now; 7 objects, 2 alive now\n");
    assert_shows("unknown reach\n");
    assert_hides("at the end");
    assert_hides("cut off");
}
END_TEST

START_TEST(hints_need_a_finding_that_is_shown)
{
    image.findings.lines_missing = true;
    image.findings.fingerprints_fragile = true;
    struct finding f = leak(0);
    f.stack = STACK(window);
    add(f);
    f = unbalanced(REACH_REACHABLE);
    add(f);
    text();
    assert_hides("compile with -g");
    assert_hides("rest on addresses");
    free(written);
    add(leak(1));
    text();
    assert_shows("compile with -g");
    assert_shows("rest on addresses");
}
END_TEST

START_TEST(incomplete_instrumentation_is_noted)
{
    static const char *texts[] = {"", "Node", "List"};
    static struct mismatch wrong[] = {
        {.type = 1, .stamp = 5, .said = 3, .announced = 2, .n = 7},
        {.type = 2, .stamp = 9, .said = 1, .announced = 2, .n = 1}};
    image.shadow.totals.unannounced = 4;
    image.shadow.mismatches = wrong;
    image.shadow.n_mismatches = 2;
    image.trace.strings.text = texts;
    text();
    image.trace.strings.text = NULL;
    assert_tidy();
    assert_shows("    note: 4 protocol events about what is no announced "
                 "object: the\n          instrumentation is incomplete ('ouro "
                 "coverage' says where)\n");
    assert_shows("    note: OURO_COUNT differs from what was announced: Node 7 "
                 "times, first at\n          0.");
    assert_shows("(it said 3, 2 announced), List 1 time");
}
END_TEST

START_TEST(a_program_without_a_name_has_the_manifests)
{
    static const char *command[] = {"./typed", "--so"};
    image.trace.n_argv = 0;
    image.trace.exe = "";
    text();
    assert_shows("12.0.trace  (process 12, exit status 0)\n");
    assert_hides("r.ouro");
    free(written);
    image.command = command;
    image.n_command = 2;
    text();
    assert_shows("./typed --so  (process 12, exit status 0)\n");
    free(written);
    json_t *report = json();
    const json_t *typed = at(at(report, "processes", 0), "argv", 1);
    ck_assert_str_eq(json_string_value(typed), "--so");
    json_decref(report);
}
END_TEST

Suite *report_images_suite(void);

Suite *report_images_suite(void)
{
    Suite *s = suite_create("report_images");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, begin, release);
    tcase_add_test(t, clean_images_share_one_line);
    tcase_add_test(t, the_only_image_is_told_even_if_clean);
    tcase_add_test(t, troubled_images_without_findings_are_told_up_to_ten);
    tcase_add_test(t, losses_and_hints_are_noted);
    tcase_add_loop_test(
        t, what_may_have_been_freed_unseen_is_told_and_counts_for_nothing, 0,
        N_GAPS);
    tcase_add_loop_test(t, what_happened_counts_whatever_is_missing, 0, N_GAPS);
    tcase_add_loop_test(t, an_indeterminate_verdict_says_why, 0,
                        sizeof doubts / sizeof doubts[0]);
    tcase_add_test(t, what_still_runs_is_told_as_of_now);
    tcase_add_test(t, hints_need_a_finding_that_is_shown);
    tcase_add_test(t, incomplete_instrumentation_is_noted);
    tcase_add_test(t, a_program_without_a_name_has_the_manifests);
    suite_add_tcase(s, t);
    return s;
}
