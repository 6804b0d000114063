/* SPDX-License-Identifier: MIT */
/* check_recording.c - no run takes another's directory, and nothing that is not
   a recording is touched */
#include "arena.h"
#include "err.h"
#include "launch/guest.h"
#include "launch/manifest.h"
#include "launch/recording.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static struct err e;
static struct arena arena;

static void enter(void)
{
    strcpy(dir, "/tmp/check_recording.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
}

static void leave(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    arena_release(&arena);
}

static void touch(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static const char *words[] = {"prog", "two words", "line\nfeed \\n", ""};

static struct manifest example(const char *status)
{
    return (struct manifest){.release = "1.2",
                             .n_arguments = 4,
                             .arguments = words,
                             .pid = (uint32_t)getpid(),
                             .process_start =
                                 manifest_process_start((uint32_t)getpid()),
                             .started = {1700000000, 5},
                             .finished = {1700000001, 999999999},
                             .status = status};
}

/* A run from its beginning to its end, as `status` (NULL: it has none yet). */
static void record(const char *name, const char *status, bool release)
{
    struct recording r;
    const struct manifest m = example(status);
    ck_assert_msg(recording_take(&r, name, &e) == 0, "%s", e.text);
    ck_assert_int_eq(manifest_write(r.path, &m, &e), 0);
    if (release)
        recording_release(&r);
}

START_TEST(a_manifest_comes_back_as_it_was_written)
{
    struct manifest m = example("signal:9"), back;

    ck_assert_int_eq(manifest_write(".", &m, &e), 0);
    ck_assert_int_eq(manifest_read(".", &back, &arena, &e), 0);

    ck_assert_str_eq(back.release, "1.2");
    ck_assert_str_eq(back.status, "signal:9");
    ck_assert_uint_eq(back.n_arguments, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_str_eq(back.arguments[i], words[i]);
    ck_assert_uint_eq(back.pid, m.pid);
    ck_assert_uint_eq(back.process_start, m.process_start);
    ck_assert_int_eq(back.started.tv_nsec, 5);
    ck_assert_int_eq(back.finished.tv_nsec, 999999999);
    ck_assert(!exists("manifest.new"));
}
END_TEST

START_TEST(a_manifest_without_a_status_is_running_while_its_process_is)
{
    struct manifest m = example(NULL), back;

    ck_assert_int_eq(manifest_write(".", &m, &e), 0);
    ck_assert_int_eq(manifest_read(".", &back, &arena, &e), 0);
    ck_assert(manifest_is_running(&back));
    back.process_start++; /* the number was given again */
    ck_assert(!manifest_is_running(&back));
    m.status = "exit:0";
    ck_assert(!manifest_is_running(&m));
}
END_TEST

START_TEST(a_manifest_may_be_absent_empty_or_foreign)
{
    struct manifest m;

    ck_assert_int_eq(manifest_read(".", &m, &arena, &e), 1);
    touch("manifest");
    ck_assert_int_eq(manifest_read(".", &m, &arena, &e), 1);
    FILE *f = fopen("manifest", "we");
    ck_assert_ptr_nonnull(f);
    fputs("something else\n", f);
    fclose(f);
    ck_assert_int_eq(manifest_read(".", &m, &arena, &e), -1);
}
END_TEST

START_TEST(a_manifest_cut_at_any_byte_is_read_or_refused)
{
    const struct manifest m = example("exit:3");
    struct manifest back;
    ck_assert_int_eq(manifest_write(".", &m, &e), 0);
    struct stat st;
    ck_assert_int_eq(stat("manifest", &st), 0);
    for (off_t len = st.st_size; len >= 0; len--) {
        ck_assert_int_eq(truncate("manifest", len), 0);
        const int rc = manifest_read(".", &back, &arena, &e);
        ck_assert_int_eq(rc, len == 0 ? 1 : (len < 15 ? -1 : 0));
    }
}
END_TEST

START_TEST(a_finished_recording_becomes_the_old_one)
{
    struct manifest m;
    for (int i = 0; i < 3; i++) {
        char status[24];
        snprintf(status, sizeof status, "exit:%d", i);
        record(NULL, status, true);
        touch("ouro.out.ouro/1.0.trace");
    }
    ck_assert_int_eq(manifest_read("ouro.out.ouro", &m, &arena, &e), 0);
    ck_assert_str_eq(m.status, "exit:2");
    ck_assert_int_eq(manifest_read("ouro.out.ouro.old", &m, &arena, &e), 0);
    ck_assert_str_eq(m.status, "exit:1");
    ck_assert_int_eq(recording_count("ouro.out.ouro"), 1);
}
END_TEST

START_TEST(a_recording_in_use_keeps_its_name)
{
    record(NULL, "exit:0", false); /* its lock is held */
    record(NULL, "exit:0", true);

    ck_assert(!exists("ouro.out.ouro.old"));
    ck_assert(exists("ouro.out.2.ouro/manifest"));
}
END_TEST

START_TEST(a_recording_whose_program_outlived_the_tool_keeps_its_name)
{
    record(NULL, NULL, true); /* no lock, and the process is there */
    record(NULL, "exit:0", true);

    ck_assert(!exists("ouro.out.ouro.old"));
    ck_assert(exists("ouro.out.2.ouro/manifest"));
}
END_TEST

START_TEST(what_is_no_recording_is_left_alone)
{
    ck_assert_int_eq(mkdir("ouro.out.ouro", 0700), 0);
    touch("ouro.out.ouro/letter");
    touch("ouro.out.2.ouro");
    ck_assert_int_eq(symlink("ouro.out.ouro", "ouro.out.3.ouro"), 0);

    record(NULL, "exit:0", true);

    ck_assert(exists("ouro.out.ouro/letter"));
    ck_assert(exists("ouro.out.4.ouro/manifest"));
}
END_TEST

START_TEST(an_old_name_that_is_something_else_is_left_alone)
{
    record(NULL, "exit:0", true);
    ck_assert_int_eq(mkdir("ouro.out.ouro.old", 0700), 0);
    touch("ouro.out.ouro.old/letter");

    record(NULL, "exit:1", true);

    ck_assert(exists("ouro.out.ouro.old/letter"));
    ck_assert(exists("ouro.out.ouro/manifest"));
    ck_assert(exists("ouro.out.2.ouro/manifest"));
}
END_TEST

START_TEST(a_given_name_must_be_absent_or_empty)
{
    struct recording r;
    record("mine", "exit:0", true);
    ck_assert_int_eq(mkdir("empty", 0700), 0);
    record("empty", "exit:0", true);
    touch("file");
    ck_assert_int_eq(mkdir("full", 0700), 0);
    touch("full/letter");

    static const char *const wrong[] = {"mine", "file", "full", "absent/inner",
                                        ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(recording_take(&r, wrong[i], &e), -1);
        ck_assert_int_eq(e.code, RC_USAGE);
        ck_assert_ptr_nonnull(strstr(e.text, "-o DIR"));
    }
    ck_assert(exists("mine/manifest") && exists("full/letter"));
    ck_assert_int_eq(mkdir("held", 0700), 0);
    record("held", NULL, false);
    ck_assert_int_eq(recording_take(&r, "held", &e), -1);
}
END_TEST

START_TEST(a_run_that_could_not_begin_leaves_nothing)
{
    struct recording r;
    ck_assert_int_eq(recording_take(&r, "x.ouro", &e), 0);
    recording_abandon(&r);
    ck_assert(!exists("x.ouro"));
    ck_assert_int_eq(recording_take(&r, NULL, &e), 0);
    recording_abandon(&r);
    ck_assert(!exists("ouro.out.ouro"));
}
END_TEST

enum { RUNS = 12 };

START_TEST(runs_that_begin_at_once_have_different_directories)
{
    pid_t pids[RUNS];
    for (int i = 0; i < RUNS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct recording r;
            char mark[sizeof r.path + 24];
            if (recording_take(&r, NULL, &e) != 0)
                _exit(1);
            snprintf(mark, sizeof mark, "%s/%d.0.trace", r.path, i);
            touch(mark);
            usleep(300000);
            _exit(exists(mark) && recording_count(r.path) == 1 ? 0 : 2);
        }
    }
    for (int i = 0; i < RUNS; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

START_TEST(a_path_that_the_loader_would_split_goes_through_a_link)
{
    static const char *const odd[] = {"/a b/libouro.so", "/a:b/libouro.so",
                                      "/$LIB/libouro.so"};
    struct guest g;
    char target[64], link_dir[64];
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert_int_eq(guest_use(&g, odd[i], &e), 0);
        ck_assert_ptr_null(strpbrk(g.path, " :$"));
        const ssize_t n = readlink(g.path, target, sizeof target - 1);
        ck_assert_int_gt(n, 0);
        target[n] = '\0';
        ck_assert_str_eq(target, odd[i]);
        strcpy(link_dir, g.link_dir);
        guest_release(&g);
        ck_assert(!exists(link_dir));
    }
    ck_assert_int_eq(guest_use(&g, "/plain/libouro.so", &e), 0);
    ck_assert_str_eq(g.path, "/plain/libouro.so");
}
END_TEST

START_TEST(the_users_preloads_stay_behind_ours)
{
    const struct guest g = {.path = "/p/libouro.so"};
    unsetenv("LD_PRELOAD");
    guest_preload(&g);
    ck_assert_str_eq(getenv("LD_PRELOAD"), "/p/libouro.so");
    guest_preload(&g);
    ck_assert_str_eq(getenv("LD_PRELOAD"), "/p/libouro.so");
    setenv("LD_PRELOAD", "a.so b.so:c.so", 1);
    guest_preload(&g);
    ck_assert_str_eq(getenv("LD_PRELOAD"), "/p/libouro.so:a.so b.so:c.so");
    unsetenv("LD_PRELOAD");
}
END_TEST

Suite *recording_suite(void);
Suite *recording_suite(void)
{
    Suite *s = suite_create("recording");
    TCase *c = tcase_create("manifest");
    tcase_add_checked_fixture(c, enter, leave);
    tcase_add_test(c, a_manifest_comes_back_as_it_was_written);
    tcase_add_test(c,
                   a_manifest_without_a_status_is_running_while_its_process_is);
    tcase_add_test(c, a_manifest_may_be_absent_empty_or_foreign);
    tcase_add_test(c, a_manifest_cut_at_any_byte_is_read_or_refused);
    suite_add_tcase(s, c);
    c = tcase_create("directory");
    tcase_add_checked_fixture(c, enter, leave);
    tcase_add_test(c, a_finished_recording_becomes_the_old_one);
    tcase_add_test(c, a_recording_in_use_keeps_its_name);
    tcase_add_test(c,
                   a_recording_whose_program_outlived_the_tool_keeps_its_name);
    tcase_add_test(c, what_is_no_recording_is_left_alone);
    tcase_add_test(c, an_old_name_that_is_something_else_is_left_alone);
    tcase_add_test(c, a_given_name_must_be_absent_or_empty);
    tcase_add_test(c, a_run_that_could_not_begin_leaves_nothing);
    tcase_add_test(c, runs_that_begin_at_once_have_different_directories);
    suite_add_tcase(s, c);
    c = tcase_create("guest");
    tcase_add_checked_fixture(c, enter, leave);
    tcase_add_test(c, a_path_that_the_loader_would_split_goes_through_a_link);
    tcase_add_test(c, the_users_preloads_stay_behind_ours);
    suite_add_tcase(s, c);
    return s;
}
