/* SPDX-License-Identifier: MIT */
/* check_history.c - whole traces, and what happened to the few */
#include "build_trace.h"
#include "shadow/history.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { A = 0x1000, B = 0x2000, C = 0x3000, STATIC = 0x100 };

static struct build file;
static struct trace own, parent;
static struct shadow shadow;
static struct history history;
static struct err err;
static char path[64], parent_path[64];

static void make_file(char *name)
{
    memcpy(name, "/tmp/ouro-history-XXXXXX", sizeof "/tmp/ouro-history-XXXXXX");
    const int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void begin(void)
{
    make_file(path);
    make_file(parent_path);
    build_begin(&file);
    build_chunk(&file, 1, 100);
}

static void end(void)
{
    history_release(&history);
    shadow_release(&shadow);
    trace_close(&own);
    trace_close(&parent);
    own = parent = (struct trace){0};
    build_release(&file);
    unlink(path);
    unlink(parent_path);
}

static void say(uint64_t stamp, unsigned kind, uint64_t a, uint64_t b,
                const char *text)
{
    RECORD(&file, kind, .stamp = stamp, .a = a, .b = b, .size = 64,
           .text = text);
}

static void opened(struct trace *t, const char *name)
{
    ck_assert(build_save(&file, name));
    ck_assert_msg(trace_open(t, name, &err) == 0, "%s", err.text);
}

static void analysed(struct trace *from)
{
    opened(&own, path);
    ck_assert_int_eq(shadow_build(&shadow, &own, from, NULL, &err), 0);
    ck_assert(shadow_is_valid(&shadow));
}

static void told_all(struct trace *from)
{
    unsigned char *wanted = calloc(shadow.n_objects + 1, 1);
    for (uint32_t i = 0; i < shadow.n_objects; i++)
        wanted[i] = 1;
    ck_assert_int_eq(history_build(&history, &shadow, &own, from, wanted, &err),
                     0);
    free(wanted);
}

static void ring(void)
{
    build_stack(&file, 2, (uint64_t[]){0x400000, 0x400100});
    RECORD(&file, OURO_ALLOC, .stamp = 101, .a = A, .size = 24,
           .has_stack = true);
    say(102, OURO_REC_NEW, A, 0, "Window");
    say(103, OURO_ALLOC, B, 0, NULL);
    say(104, OURO_REC_NEW, B, 0, "List");
    say(105, OURO_REC_INCREF, B, 0, NULL);
    say(106, OURO_REC_LINK, A, B, "children");
    say(107, OURO_REC_INCREF, A, 0, NULL);
    say(108, OURO_REC_LINK, B, A, "window");
    say(109, OURO_REC_DECREF, A, 0, NULL);
    say(110, OURO_REC_DECREF, B, 0, NULL);
}

START_TEST(a_trace_becomes_a_shadow)
{
    ring();
    analysed(NULL);

    ck_assert_uint_eq(shadow.n_objects, 2);
    ck_assert_uint_eq(shadow.n_blocks, 2);
    ck_assert_uint_eq(shadow.n_links, 2);
    ck_assert_str_eq(own.strings.text[shadow.objects[0].type], "Window");
    ck_assert_str_eq(own.strings.text[shadow.links[1].field], "window");
    ck_assert_uint_ne(shadow.objects[0].stack, 0);
    ck_assert_uint_eq(shadow.objects[0].stack, shadow.blocks[0].stack);
    ck_assert_int_eq(shadow.objects[0].rc, 1);
    ck_assert_uint_eq(shadow.totals.events, 10);
}
END_TEST

static void moment_is(uint32_t i, uint32_t object, unsigned kind,
                      uint64_t stamp, int64_t n)
{
    ck_assert_uint_lt(i, history.n);
    ck_assert_uint_eq(history.moments[i].object, object);
    ck_assert_int_eq(history.moments[i].kind, (int)kind);
    ck_assert_uint_eq(history.moments[i].stamp, stamp);
    ck_assert_int_eq(history.moments[i].n, n);
}

START_TEST(a_history_has_every_moment_of_the_wanted)
{
    ring();
    analysed(NULL);
    told_all(NULL);

    ck_assert_uint_eq(history.n, 8);
    moment_is(0, 0, OURO_REC_NEW, 102, 1);
    moment_is(1, 0, OURO_REC_INCREF, 107, 1);
    moment_is(2, 0, OURO_REC_LINK, 108, 0);
    moment_is(3, 0, OURO_REC_DECREF, 109, -1);
    moment_is(4, 1, OURO_REC_NEW, 104, 1);
    moment_is(6, 1, OURO_REC_LINK, 106, 0);
    ck_assert_uint_eq(history.moments[2].owner, 1);
    ck_assert_uint_eq(history.moments[6].owner, 0);
    ck_assert_uint_eq(history.moments[6].field, shadow.links[0].field);
}
END_TEST

START_TEST(a_history_has_nothing_of_those_that_nobody_wants)
{
    ring();
    analysed(NULL);
    const unsigned char wanted[2] = {0, 1};
    ck_assert_int_eq(history_build(&history, &shadow, &own, NULL, wanted, &err),
                     0);

    ck_assert_uint_eq(history.n, 4);
    for (uint32_t i = 0; i < history.n; i++)
        ck_assert_uint_eq(history.moments[i].object, 1);
}
END_TEST

START_TEST(every_way_to_hold_and_to_let_go_is_a_moment)
{
    say(101, OURO_ALLOC, A, 0, NULL);
    say(102, OURO_REC_NEW, A, 0, "T");
    say(103, OURO_ALLOC, B, 0, NULL);
    RECORD(&file, OURO_REC_NEW_AT, .stamp = 104, .a = B, .text = "T", .n = 3);
    say(105, OURO_REC_LINK_AT, B, A, "f");
    say(106, OURO_REC_UNLINK_ALL, B, 0, NULL);
    say(107, OURO_REC_LINK, B, A, "f");
    say(108, OURO_REC_ROOT, 0, A, "root");
    say(109, OURO_REC_UNROOT, 0, A, "root");
    RECORD(&file, OURO_REC_ACQUIRE, .stamp = 110, .a = A, .size = 77);
    RECORD(&file, OURO_REC_RELEASE, .stamp = 111, .a = A, .size = 77);
    RECORD(&file, OURO_REC_ADD, .stamp = 112, .a = A, .n = 5);
    say(113, OURO_REC_DEAD, B, 0, NULL);
    analysed(NULL);
    told_all(NULL);

    ck_assert_uint_eq(shadow.n_objects, 1);
    ck_assert_uint_eq(history.n, 10);
    moment_is(1, 0, OURO_REC_LINK, 105, 0);
    moment_is(2, 0, OURO_REC_UNLINK, 106, 0);
    moment_is(3, 0, OURO_REC_LINK, 107, 0);
    moment_is(4, 0, OURO_REC_ROOT, 108, 0);
    moment_is(5, 0, OURO_REC_UNROOT, 109, 0);
    moment_is(6, 0, OURO_REC_ACQUIRE, 110, 1);
    moment_is(7, 0, OURO_REC_RELEASE, 111, -1);
    moment_is(8, 0, OURO_REC_ADD, 112, 5);
    moment_is(9, 0, OURO_REC_UNLINK, 113, 0);
    ck_assert_uint_eq(history.moments[6].cookie, 77);
    ck_assert_uint_eq(history.moments[1].owner, OURO_NONE);
}
END_TEST

/* The parent's ring, and one more block after the fork; then the child. */
static void fork_it(void)
{
    ring();
    say(111, OURO_ALLOC, C, 0, NULL);
    opened(&parent, parent_path);
    build_release(&file);
    build_begin(&file);
    build_header(&file)->parent_pid = 1;
    build_header(&file)->fork_stamp = 110;
    build_chunk(&file, 1, 200);
    say(201, OURO_ALLOC, C, 0, NULL);
}

START_TEST(a_child_that_knows_its_objects_needs_no_parent)
{
    fork_it();
    say(202, OURO_REC_NEW, C, 0, "Child");
    say(203, OURO_FREE, A, 0, NULL);
    analysed(&parent);

    ck_assert(!shadow.with_parent);
    ck_assert_uint_eq(shadow.n_objects, 1);
    ck_assert_uint_eq(shadow.totals.inherited_frees, 1);
}
END_TEST

START_TEST(a_child_inherits_what_it_speaks_of)
{
    fork_it();
    say(202, OURO_REC_NEW, C, 0, "Child");
    say(203, OURO_REC_INCREF, C, 0, NULL);
    say(204, OURO_REC_LINK, A, C, "child");
    say(205, OURO_REC_UNLINK, B, A, "window");
    say(206, OURO_REC_DECREF, A, 0, NULL);
    say(207, OURO_FREE, A, 0, NULL);
    say(208, OURO_FREE, A, 0, NULL);
    analysed(&parent);
    told_all(&parent);

    ck_assert(shadow.with_parent);
    ck_assert_uint_eq(shadow.n_objects, 2);
    ck_assert_uint_eq(shadow.objects[0].addr, B);
    ck_assert_uint_eq(shadow.objects[0].flags, OBJECT_INHERITED);
    ck_assert_str_eq(own.strings.text[shadow.objects[0].type], "List");
    ck_assert_uint_eq(shadow.objects[0].stack, 0);
    ck_assert_uint_eq(shadow.objects[1].flags, 0);
    ck_assert_uint_eq(shadow.n_blocks, 2);
    ck_assert(shadow.blocks[0].inherited);
    ck_assert(!shadow.blocks[1].inherited);
    ck_assert_uint_eq(shadow.n_links, 0);
    ck_assert_uint_eq(shadow.totals.unlinks, 1);
    ck_assert_uint_eq(shadow.totals.inherited_frees, 1);
    ck_assert_uint_eq(shadow.totals.frees, 0);
    ck_assert_uint_eq(shadow.totals.allocations, 1);
    ck_assert_uint_eq(shadow.totals.live_blocks, 1);
    ck_assert_uint_eq(shadow.totals.objects_live, 1);
    ck_assert_uint_eq(shadow.totals.unannounced, 0);
    ck_assert_uint_eq(history.moments[history.n - 1].kind, OURO_REC_UNLINK);
}
END_TEST

START_TEST(a_child_may_free_what_its_parent_counts)
{
    fork_it();
    say(202, OURO_REC_INCREF, B, 0, NULL);
    say(203, OURO_FREE, A, 0, NULL);
    say(204, OURO_FREE, B, 0, NULL);
    analysed(&parent);

    ck_assert(shadow.with_parent);
    ck_assert_uint_eq(shadow.n_misuses, 0);
    ck_assert_uint_eq(shadow.totals.inherited_frees, 2);
}
END_TEST

START_TEST(threads_that_no_chunk_begins_with_wait_for_each_other)
{
    const uint64_t alloc = OURO_ALLOC + OURO_ENTRY_MALLOC;
    RECORD(&file, OURO_THREAD, .stamp = 101, .n = 2, .size = 7);
    say(205, alloc, A, 0, NULL); /* its clock is ahead */
    build_chunk(&file, 1, 200);
    say(201, alloc, A, 0, NULL);
    say(206, OURO_FREE, A, 0, NULL);
    analysed(NULL);

    ck_assert_uint_eq(shadow.totals.order_conflicts, 0);
    ck_assert_uint_eq(shadow.totals.unknown_frees, 0);
    ck_assert_uint_eq(shadow.n_blocks, 1);
}
END_TEST

START_TEST(a_childs_trace_is_whole_though_its_parents_is_damaged)
{
    fork_it();
    say(202, OURO_REC_INCREF, A, 0, NULL);
    FILE *f = fopen(parent_path, "r+b");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fseek(f, build_header(&file)->first_chunk + 64, SEEK_SET),
                     0);
    ck_assert_int_eq(fputc(63, f), 63);
    ck_assert_int_eq(fclose(f), 0);
    analysed(&parent);

    ck_assert(!shadow.with_parent);
    ck_assert_uint_eq(shadow.n_blocks, 1);
    ck_assert_uint_eq(shadow.totals.unannounced, 1);
}
END_TEST

START_TEST(threads_that_disagree_are_told_in_the_same_order_twice)
{
    say(101, OURO_ALLOC, A, 0, NULL);
    say(102, OURO_REC_NEW, A, 0, "T");
    say(105, OURO_REC_INCREF, A, 0, NULL);
    build_chunk(&file, 2, 103);
    say(103, OURO_REC_ADD, A, 0, NULL);
    RECORD(&file, OURO_REC_ADD, .stamp = 104, .a = A, .n = -2);
    analysed(NULL);
    told_all(NULL);

    ck_assert_int_eq(shadow.objects[0].rc, 0);
    ck_assert_uint_eq(shadow.all_misuses[MISUSE_NEGATIVE], 0);
    ck_assert_uint_eq(history.n, 4);
    moment_is(2, 0, OURO_REC_ADD, 104, -2);
}
END_TEST

Suite *history_suite(void);

Suite *history_suite(void)
{
    Suite *s = suite_create("history");
    TCase *t = tcase_create("traces");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, a_trace_becomes_a_shadow);
    tcase_add_test(t, a_history_has_every_moment_of_the_wanted);
    tcase_add_test(t, a_history_has_nothing_of_those_that_nobody_wants);
    tcase_add_test(t, every_way_to_hold_and_to_let_go_is_a_moment);
    tcase_add_test(t, a_child_may_free_what_its_parent_counts);
    tcase_add_test(t, threads_that_no_chunk_begins_with_wait_for_each_other);
    tcase_add_test(t, a_childs_trace_is_whole_though_its_parents_is_damaged);
    tcase_add_test(t, threads_that_disagree_are_told_in_the_same_order_twice);
    suite_add_tcase(s, t);

    t = tcase_create("forks");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, a_child_that_knows_its_objects_needs_no_parent);
    tcase_add_test(t, a_child_inherits_what_it_speaks_of);
    suite_add_tcase(s, t);
    return s;
}
