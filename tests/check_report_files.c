/* SPDX-License-Identifier: MIT */
/* check_report_files.c - recordings on disk: who belongs to whom, how it ended,
   and what damage costs */
#include "build_trace.h"
#include "commands/output_file.h"
#include "launch/manifest.h"
#include "report/report.h"

#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static char *written;
static size_t written_len;
static json_t *report;

static const char *in_dir(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void begin(void)
{
    strcpy(dir, "/tmp/check_report.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_ptr_nonnull(freopen(in_dir("stderr"), "w+", stderr));
}

static void end(void)
{
    char command[128];
    json_decref(report);
    report = NULL;
    free(written);
    written = NULL;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

/* A process that starts at `start` ns; the rest is up to the test. */
struct process {
    uint32_t pid, serial, parent_pid, parent_serial;
    uint64_t process_start, start, fork_stamp;
    const char *exe; /* "": its first record is gone */
    int n_leaks;     /* one byte, two bytes, ... at 0x1000, 0x2000 ... */
    int n_frees;     /* of 0x1000, 0x2000 ... */
    unsigned end_how;
    int end_status;
};

static void add(const struct process *p)
{
    static struct build b;
    char name[64];
    build_begin(&b);
    struct ouro_trace_header *h = build_header(&b);
    h->pid = p->pid;
    h->serial = p->serial;
    h->parent_pid = p->parent_pid;
    h->parent_serial = p->parent_serial;
    h->process_start = p->process_start;
    h->start_ns = p->start;
    h->last_ns += p->start;
    h->fork_stamp = p->fork_stamp;
    build_chunk(&b, 1, 100);
    const char *exe = p->exe ? p->exe : "/nowhere/program";
    if (*exe)
        build_process(&b, 100, exe, "/", 1, 1, &exe);
    const uint64_t ip = 0x401000 + p->pid;
    build_stack(&b, 1, &ip);
    for (int i = 0; i < p->n_leaks; i++)
        RECORD(&b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = 200 + (uint64_t)i,
               .a = 0x1000 * (uint64_t)(i + 1), .size = (uint64_t)i + 1,
               .has_stack = true);
    for (int i = 0; i < p->n_frees; i++)
        RECORD(&b, OURO_FREE, .stamp = 4500, .a = 0x1000 * (uint64_t)(i + 1));
    if (p->end_how)
        RECORD(&b, OURO_END, .stamp = 5000, .flags = (uint8_t)p->end_how,
               .n = p->end_status);
    snprintf(name, sizeof name, "%u.%u.trace", p->pid, p->serial);
    build_save(&b, in_dir(name));
    build_release(&b);
}

static int run_on(const char *path, const struct report_format *format)
{
    const struct report_options o = {.format = format};
    FILE *out = open_memstream(&written, &written_len);
    const int code = report_recording(path, &o, out);
    fclose(out);
    return code;
}

static int run(void)
{
    json_error_t e;
    const int code = run_on(dir, &report_json);
    report = json_loads(written, 0, &e);
    ck_assert_msg(report != NULL, "%s", e.text);
    return code;
}

static const json_t *process(size_t i)
{
    return json_array_get(json_object_get(report, "processes"), i);
}

static long number(const json_t *o, const char *key)
{
    return (long)json_integer_value(json_object_get(o, key));
}

static void assert_word(const json_t *o, const char *key, const char *word)
{
    const char *is = json_string_value(json_object_get(o, key));
    ck_assert_msg(is && strcmp(is, word) == 0, "%s is %s, not %s", key, is,
                  word);
}

static size_t n_findings(const json_t *o)
{
    return json_array_size(json_object_get(o, "findings"));
}

static void assert_said(const char *words)
{
    char text[4096] = "";
    fflush(stderr);
    FILE *f = fopen(in_dir("stderr"), "r");
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    ck_assert_msg(strstr(text, words) != NULL, "no '%s' in:\n%s", words, text);
}

START_TEST(images_are_sorted_by_start_pid_and_serial)
{
    add(&(struct process){.pid = 30, .start = 5, .end_how = OURO_END_EXIT});
    add(&(struct process){.pid = 9, .start = 7, .end_how = OURO_END_EXIT});
    add(&(struct process){.pid = 20, .start = 5, .end_how = OURO_END_EXIT});
    add(&(struct process){
        .pid = 9, .serial = 1, .start = 7, .end_how = OURO_END_EXIT});

    ck_assert_int_eq(run(), RC_CLEAN);
    static const long pids[] = {20, 30, 9, 9}, serials[] = {0, 0, 0, 1};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(number(process(i), "pid"), pids[i]);
        ck_assert_int_eq(number(process(i), "serial"), serials[i]);
    }
}
END_TEST

START_TEST(an_image_that_became_another_ended_by_exec_without_leaks)
{
    add(&(struct process){.pid = 5, .process_start = 77, .n_leaks = 2});
    add(&(struct process){.pid = 5,
                          .serial = 1,
                          .process_start = 77,
                          .start = 9,
                          .n_leaks = 1,
                          .end_how = OURO_END_EXIT});

    ck_assert_int_eq(run(), RC_FOUND);
    assert_word(process(0), "ended", "exec");
    ck_assert_uint_eq(n_findings(process(0)), 0);
    ck_assert(json_is_true(json_object_get(process(0), "complete")));
    assert_word(process(1), "ended", "exit:0");
    ck_assert_uint_eq(n_findings(process(1)), 1);
    assert_word(report, "verdict", "findings");
}
END_TEST

START_TEST(a_pid_that_was_used_again_is_no_exec)
{
    add(&(struct process){.pid = 5, .process_start = 77});
    add(&(struct process){.pid = 5,
                          .serial = 1,
                          .process_start = 78,
                          .start = 9,
                          .end_how = OURO_END_EXIT});

    run();
    assert_word(process(0), "ended", "unknown");
    assert_word(report, "verdict", "indeterminate");
}
END_TEST

START_TEST(what_a_child_inherited_is_no_finding_of_its_own)
{
    add(&(struct process){.pid = 5, .n_leaks = 3, .end_how = OURO_END_EXIT});
    add(&(struct process){.pid = 6,
                          .parent_pid = 5,
                          .fork_stamp = 4000,
                          .start = 9,
                          .n_frees = 1,
                          .end_how = OURO_END__EXIT,
                          .end_status = 4});

    ck_assert_int_eq(run(), RC_FOUND);
    ck_assert_uint_gt(n_findings(process(0)), 0);
    ck_assert_uint_eq(n_findings(process(1)), 0);
    assert_word(process(1), "ended", "exit:4");
    assert_word(process(1), "verdict", "clean");
    ck_assert_int_eq(number(json_object_get(process(1), "parent"), "pid"), 5);
    const json_t *summary = json_object_get(process(1), "summary");
    ck_assert_int_eq(number(summary, "inherited_frees"), 1);
    ck_assert_int_eq(number(summary, "unknown_frees"), 0);
}
END_TEST

START_TEST(a_parent_that_is_missing_is_noted)
{
    add(&(struct process){.pid = 6,
                          .parent_pid = 5,
                          .fork_stamp = 4000,
                          .end_how = OURO_END_EXIT});

    ck_assert_int_eq(run(), RC_CLEAN);
    const json_t *note =
        json_array_get(json_object_get(process(0), "notes"), 0);
    ck_assert_ptr_nonnull(strstr(json_string_value(note), "5.0"));
}
END_TEST

static void write_manifest(uint32_t pid, uint64_t start, const char *status)
{
    struct err e;
    const struct manifest m = {
        .release = "0", .pid = pid, .process_start = start, .status = status};
    ck_assert_msg(manifest_write(dir, &m, &e) == 0, "%s", e.text);
}

static const struct {
    const char *status, *ended, *verdict;
} statuses[] = {
    {"exit:3", "exit:3", "findings"},
    {"signal:9", "signal:9", "indeterminate"},
    {NULL, "unknown", "indeterminate"},
    {"strange", "unknown", "indeterminate"},
};

START_TEST(the_launcher_knows_how_its_process_ended)
{
    add(&(struct process){
        .pid = 5, .process_start = 77, .n_leaks = 1, .start = 1});
    add(&(struct process){.pid = 6, .process_start = 78, .start = 2});
    write_manifest(5, 77, statuses[_i].status);

    run();
    assert_word(process(0), "ended", statuses[_i].ended);
    assert_word(process(0), "verdict", statuses[_i].verdict);
    ck_assert_uint_eq(n_findings(process(0)), 1);
    assert_word(process(1), "ended", "unknown");
}
END_TEST

START_TEST(a_process_that_still_runs_is_told_up_to_now)
{
    const uint32_t me = (uint32_t)getpid();
    add(&(struct process){
        .pid = me, .process_start = manifest_process_start(me), .n_leaks = 1});

    run();
    ck_assert(json_is_true(json_object_get(process(0), "up_to_now")));
    assert_word(report, "verdict", "indeterminate");
    free(written);
    run_on(dir, &report_text);
    ck_assert_ptr_nonnull(strstr(written, "still running: up to now)"));
}
END_TEST

/* The END record and the leaks are in the only chunk: it is gone, or its last
   bytes. */
START_TEST(a_trace_that_is_cut_is_neither_clean_nor_found_in)
{
    static const long ends[] = {4096, 8191};
    char note[80];
    struct stat whole;
    add(&(struct process){
        .pid = 5, .process_start = 77, .n_leaks = 1, .end_how = OURO_END_EXIT});
    write_manifest(5, 77, "exit:0");
    ck_assert_int_eq(stat(in_dir("5.0.trace"), &whole), 0);
    ck_assert_int_eq(whole.st_size, 8192);
    ck_assert_int_eq(truncate(in_dir("5.0.trace"), ends[_i]), 0);

    ck_assert_int_eq(run(), RC_CLEAN);
    assert_word(report, "verdict", "indeterminate");
    assert_word(process(0), "ended", "exit:0");
    ck_assert(json_is_false(json_object_get(process(0), "complete")));
    ck_assert_int_eq((int)n_findings(process(0)), _i);
    snprintf(note, sizeof note, "the trace is cut off at byte %ld of 8192",
             ends[_i]);
    ck_assert_str_eq(json_string_value(json_array_get(
                         json_object_get(process(0), "notes"), 0)),
                     note);
}
END_TEST

START_TEST(a_trace_without_its_beginning_is_not_clean)
{
    add(&(struct process){.pid = 1, .exe = "", .end_how = OURO_END_EXIT});
    ck_assert_int_eq(run(), RC_CLEAN);
    ck_assert_str_eq(json_string_value(json_object_get(report, "verdict")),
                     "indeterminate");
    ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(
                                     json_object_get(process(0), "notes"), 0)),
                                 "the beginning of the trace is missing"));
}
END_TEST

START_TEST(a_trace_that_grows_is_behind_and_not_cut)
{
    const uint32_t me = (uint32_t)getpid();
    char name[64];
    add(&(struct process){.pid = me,
                          .process_start = manifest_process_start(me)});
    snprintf(name, sizeof name, "%u.0.trace", me);
    ck_assert_int_eq(truncate(in_dir(name), 4096), 0);

    run();
    ck_assert(json_is_true(json_object_get(process(0), "up_to_now")));
    ck_assert_uint_eq(json_array_size(json_object_get(process(0), "notes")), 0);
}
END_TEST

START_TEST(a_program_without_a_record_is_what_was_typed)
{
    static const char *typed[] = {"make", "all"};
    struct err e;
    const struct manifest m = {.release = "0",
                               .pid = 5,
                               .process_start = 77,
                               .arguments = typed,
                               .n_arguments = 2,
                               .status = "exit:0"};
    add(&(struct process){
        .pid = 5, .process_start = 77, .start = 1, .exe = ""});
    add(&(struct process){
        .pid = 5, .serial = 1, .process_start = 77, .start = 2, .exe = ""});
    add(&(struct process){
        .pid = 6, .start = 3, .exe = "/x/cc", .end_how = OURO_END_EXIT});
    ck_assert_msg(manifest_write(dir, &m, &e) == 0, "%s", e.text);

    run();
    const json_t *argv = json_object_get(process(0), "argv");
    ck_assert_uint_eq(json_array_size(argv), 2);
    ck_assert_str_eq(json_string_value(json_array_get(argv, 0)), "make");
    argv = json_object_get(process(1), "argv");
    ck_assert_uint_eq(json_array_size(argv), 0);
    argv = json_object_get(process(2), "argv");
    ck_assert_str_eq(json_string_value(json_array_get(argv, 0)), "/x/cc");
}
END_TEST

static void spoil(const char *name, long at, const char *bytes, size_t len)
{
    FILE *f = fopen(in_dir(name), "r+");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fseek(f, at, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

/* Two that hold each other, one that something outside holds. */
static void add_pair(void)
{
    static struct build b;
    build_begin(&b);
    build_chunk(&b, 1, 100);
    for (uint64_t i = 1; i <= 3; i++) {
        RECORD(&b, OURO_ALLOC + OURO_ENTRY_MALLOC, .stamp = 100 * i,
               .a = 0x1000 * i, .size = 8 * i);
        RECORD(&b, OURO_REC_NEW, .stamp = 100 * i + 1, .a = 0x1000 * i,
               .text = "Node");
    }
    RECORD(&b, OURO_REC_LINK, .stamp = 500, .a = 0x1000, .b = 0x2000,
           .text = "next");
    RECORD(&b, OURO_REC_LINK, .stamp = 501, .a = 0x2000, .b = 0x1000,
           .text = "next");
    RECORD(&b, OURO_END, .stamp = 5000, .flags = OURO_END_EXIT, .n = 0);
    build_save(&b, in_dir("1.0.trace"));
    build_release(&b);
}

START_TEST(what_lives_at_the_end_is_in_the_generation_it_came_to)
{
    add_pair();
    run();
    const json_t *generations = json_object_get(
        json_object_get(process(0), "collector"), "generations");
    const json_t *old = json_array_get(generations, 2);
    ck_assert_int_eq(number(old, "collections"), 1);
    ck_assert_int_eq(number(old, "unreachable"), 2);
    ck_assert_int_eq(number(old, "objects"), 0);
    const json_t *young = json_array_get(generations, 0);
    ck_assert_int_eq(number(young, "collections"), 0);
    ck_assert_int_eq(number(young, "objects"), 1);
    ck_assert_int_eq(number(young, "bytes"), 24);
}
END_TEST

START_TEST(what_bystanders_leave_is_only_counted)
{
    add(&(struct process){.pid = 5,
                          .start = 1,
                          .exe = "/usr/bin/make",
                          .n_leaks = 2,
                          .end_how = OURO_END_EXIT});
    add(&(struct process){.pid = 6,
                          .start = 2,
                          .exe = "/usr/local/bin/own",
                          .end_how = OURO_END_EXIT});

    ck_assert_int_eq(run(), RC_CLEAN);
    assert_word(report, "verdict", "clean");
    ck_assert_uint_gt(n_findings(process(0)), 0);
    ck_assert(json_is_true(json_object_get(process(0), "bystander")));
    ck_assert(json_is_false(json_object_get(process(1), "bystander")));
    free(written);
    run_on(dir, &report_text);
    ck_assert_str_eq(written,
                     "2 process images: nothing found; 1 of them, programs of "
                     "the system, left 2\n    blocks to the end\n"
                     "verdict: clean\n");
}
END_TEST

/* The command itself is what the user asked about. */
START_TEST(where_all_is_the_systems_the_command_is_no_bystander)
{
    add(&(struct process){.pid = 5,
                          .start = 2,
                          .exe = "/usr/bin/sort",
                          .n_leaks = 1,
                          .end_how = OURO_END_EXIT});
    add(&(struct process){
        .pid = 6, .start = 1, .exe = "/bin/ls", .end_how = OURO_END_EXIT});
    if (_i == 1)
        write_manifest(5, 0, "exit:0");

    run();
    ck_assert_int_eq(json_is_true(json_object_get(process(0), "bystander")),
                     _i == 1);
    assert_word(report, "verdict", _i == 1 ? "findings" : "clean");
}
END_TEST

START_TEST(a_damaged_trace_costs_no_other)
{
    add(&(struct process){.pid = 5, .start = 1, .end_how = OURO_END_EXIT});
    add(&(struct process){
        .pid = 6, .start = 2, .n_leaks = 1, .end_how = OURO_END_EXIT});
    spoil("5.0.trace", 0, "rubbish", 7);

    ck_assert_int_eq(run(), RC_TRACE);
    assert_said("ouro: ");
    assert_said("5.0.trace");
    size_t damaged = 0;
    for (size_t i = 0; i < 2; i++)
        damaged += json_is_string(json_object_get(process(i), "error"));
    ck_assert_uint_eq(damaged, 1);
    ck_assert_uint_eq(n_findings(process(0)) + n_findings(process(1)), 1);
    assert_word(report, "verdict", "findings");
}
END_TEST

START_TEST(one_file_can_be_asked_for)
{
    char path[256];
    add(&(struct process){.pid = 5, .process_start = 77, .start = 1});
    add(&(struct process){
        .pid = 5, .serial = 1, .process_start = 77, .start = 2});
    snprintf(path, sizeof path, "%s", in_dir("5.0.trace"));

    ck_assert_int_eq(run_on(path, &report_json), RC_CLEAN);
    report = json_loads(written, 0, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "processes")), 1);
    assert_word(process(0), "ended", "exec");
}
END_TEST

START_TEST(a_recording_that_is_not_there_is_one_line)
{
    ck_assert_int_eq(run_on("/nowhere/x.ouro", NULL), RC_TRACE);
    assert_said("ouro: /nowhere/x.ouro: no such recording; make one with 'ouro "
                "record -- COMMAND'\n");
    ck_assert_uint_eq(written_len, 0);
}
END_TEST

START_TEST(a_directory_without_traces_is_one_line)
{
    ck_assert_int_eq(run_on(dir, NULL), RC_TRACE);
    assert_said(": holds no trace; nothing was recorded\n");
}
END_TEST

START_TEST(an_output_file_is_replaced_in_one_step)
{
    struct output_file o;
    struct err e;
    char path[256];
    struct stat before, after;
    snprintf(path, sizeof path, "%s", in_dir("stderr"));
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert_int_eq(output_file_open(&o, path, &e), 0);
    fputs("new", o.to);
    fflush(o.to);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_eq(after.st_ino, before.st_ino);

    ck_assert_int_eq(output_file_close(&o, &e), 0);

    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_ne(after.st_ino, before.st_ino);
    ck_assert_int_eq(after.st_size, 3);
}
END_TEST

START_TEST(an_empty_output_leaves_the_old_one)
{
    struct output_file o;
    struct err e;
    char path[256];
    snprintf(path, sizeof path, "%s", in_dir("stderr"));
    fputs("old", stderr);
    fflush(stderr);

    ck_assert_int_eq(output_file_open(&o, path, &e), 0);
    ck_assert_int_eq(output_file_close(&o, &e), 0);

    assert_said("old");
    ck_assert_int_ne(access(o.fresh, F_OK), 0);
}
END_TEST

static const char *const unwritable[] = {"/nowhere/out", "/tmp", "",
                                         "/proc/self/stat/x"};

START_TEST(an_output_that_cannot_be_written_is_refused_at_once)
{
    struct output_file o;
    struct err e;
    ck_assert_int_eq(output_file_open(&o, unwritable[_i], &e), -1);
    ck_assert_int_eq(e.code, RC_USAGE);
    ck_assert_ptr_nonnull(strstr(e.text, "another file"));
    ck_assert_ptr_nonnull(strstr(e.text, unwritable[_i]));
}
END_TEST

Suite *report_files_suite(void);

Suite *report_files_suite(void)
{
    Suite *s = suite_create("report_files");
    TCase *t = tcase_create("recordings");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, images_are_sorted_by_start_pid_and_serial);
    tcase_add_test(t, an_image_that_became_another_ended_by_exec_without_leaks);
    tcase_add_test(t, a_pid_that_was_used_again_is_no_exec);
    tcase_add_test(t, what_a_child_inherited_is_no_finding_of_its_own);
    tcase_add_test(t, a_parent_that_is_missing_is_noted);
    tcase_add_loop_test(t, the_launcher_knows_how_its_process_ended, 0,
                        sizeof statuses / sizeof statuses[0]);
    tcase_add_test(t, a_process_that_still_runs_is_told_up_to_now);
    tcase_add_loop_test(t, a_trace_that_is_cut_is_neither_clean_nor_found_in, 0,
                        2);
    tcase_add_test(t, a_trace_without_its_beginning_is_not_clean);
    tcase_add_test(t, a_trace_that_grows_is_behind_and_not_cut);
    tcase_add_test(t, a_program_without_a_record_is_what_was_typed);
    tcase_add_test(t, what_lives_at_the_end_is_in_the_generation_it_came_to);
    tcase_add_test(t, what_bystanders_leave_is_only_counted);
    tcase_add_loop_test(t, where_all_is_the_systems_the_command_is_no_bystander,
                        0, 2);
    tcase_add_test(t, a_damaged_trace_costs_no_other);
    tcase_add_test(t, one_file_can_be_asked_for);
    tcase_add_test(t, a_recording_that_is_not_there_is_one_line);
    tcase_add_test(t, a_directory_without_traces_is_one_line);
    tcase_add_test(t, an_output_file_is_replaced_in_one_step);
    tcase_add_test(t, an_empty_output_leaves_the_old_one);
    tcase_add_loop_test(t, an_output_that_cannot_be_written_is_refused_at_once,
                        0, sizeof unwritable / sizeof unwritable[0]);
    suite_add_tcase(s, t);
    return s;
}
