/* SPDX-License-Identifier: MIT */
/* check_kept.c - only what the system keeps on purpose is excused */
#include "explain/kept.h"

#include <check.h>

static const char *reason(enum finding_kind kind, uint64_t bytes,
                          const char *module, const char *function)
{
    const struct place at[] = {
        {.function = function, .module = module, .file = ""},
        {.function = "main", .module = "/home/me/prog", .file = "main.c"}};
    const struct finding f = {
        .kind = kind, .blocks = 1, .bytes = bytes, .stack = {.n = 2, .at = at}};
    return kept_reason(&f);
}

START_TEST(a_streams_buffer_is_kept_with_and_without_debug_names)
{
    const char *const names[] = {"_IO_file_doallocate",
                                 "__GI__IO_file_doallocate"};

    ck_assert_ptr_nonnull(
        reason(FINDING_LEAK, 4096, "/lib/libc.so.6", names[_i]));
}
END_TEST

START_TEST(the_same_name_in_a_program_excuses_nothing)
{
    ck_assert_ptr_null(
        reason(FINDING_LEAK, 4096, "/home/me/prog", "_IO_file_doallocate"));
}
END_TEST

START_TEST(only_the_reserve_of_libstdcpp_is_excused_there)
{
    const char *lib = "/usr/lib/libstdc++.so.6";

    ck_assert_ptr_nonnull(reason(FINDING_LEAK, 72704, lib, ""));
    ck_assert_ptr_null(reason(FINDING_LEAK, 72705, lib, ""));
}
END_TEST

START_TEST(what_strdup_and_newlocale_gave_is_the_callers)
{
    ck_assert_ptr_null(reason(FINDING_LEAK, 10, "/lib/libc.so.6", "strdup"));
    ck_assert_ptr_null(
        reason(FINDING_LEAK, 328, "/lib/libc.so.6", "__newlocale"));
}
END_TEST

START_TEST(the_loaders_own_blocks_are_kept)
{
    ck_assert_ptr_nonnull(reason(
        FINDING_LEAK, 320, "/lib64/ld-linux-x86-64.so.2", "allocate_dtv"));
}
END_TEST

START_TEST(what_the_loader_calls_back_keeps_nothing_on_purpose)
{
    const struct place at[] = {
        {.function = "begin", .module = "/home/me/plugin.so", .file = ""},
        {.function = "call_init", .module = "/lib/ld-linux-x86-64.so.2"},
        {.function = "_dl_catch_exception", .module = "/lib/libc.so.6"}};
    const struct finding f = {
        .kind = FINDING_LEAK, .blocks = 1, .bytes = 8, .stack = {3, at}};
    const struct finding own = {
        .kind = FINDING_LEAK, .blocks = 1, .bytes = 8, .stack = {2, at + 1}};

    ck_assert_ptr_null(kept_reason(&f));
    ck_assert_ptr_nonnull(kept_reason(&own));
}
END_TEST

START_TEST(a_cycle_is_never_excused)
{
    ck_assert_ptr_null(
        reason(FINDING_CYCLE, 4096, "/lib/libc.so.6", "_IO_file_doallocate"));
}
END_TEST

Suite *kept_suite(void);

Suite *kept_suite(void)
{
    Suite *s = suite_create("kept");
    TCase *t = tcase_create("reasons");
    tcase_add_loop_test(
        t, a_streams_buffer_is_kept_with_and_without_debug_names, 0, 2);
    tcase_add_test(t, the_same_name_in_a_program_excuses_nothing);
    tcase_add_test(t, only_the_reserve_of_libstdcpp_is_excused_there);
    tcase_add_test(t, what_strdup_and_newlocale_gave_is_the_callers);
    tcase_add_test(t, the_loaders_own_blocks_are_kept);
    tcase_add_test(t, what_the_loader_calls_back_keeps_nothing_on_purpose);
    tcase_add_test(t, a_cycle_is_never_excused);
    suite_add_tcase(s, t);
    return s;
}
