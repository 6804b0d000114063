/* SPDX-License-Identifier: MIT */
/* check_large.c - arrays keep what they hold as they grow into large pages */
#include "large.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>

enum { MOST = 48 << 20, PAGE = 2 << 20 };

static uint32_t *grown(size_t from, size_t most)
{
    uint32_t *at = NULL;
    size_t old = 0;
    for (size_t bytes = from; bytes <= most; bytes *= 2) {
        at = large_grow(at, old, bytes / sizeof *at, sizeof *at);
        for (size_t i = old / sizeof *at; i < bytes / sizeof *at; i++)
            at[i] = (uint32_t)i * 2654435761u;
        old = bytes;
    }
    for (size_t i = 0; i < old / sizeof *at; i++)
        if (at[i] != (uint32_t)i * 2654435761u)
            ck_abort_msg("byte %zu of %zu", i * sizeof *at, old);
    large_free(at, old);
    return at;
}

START_TEST(what_grows_keeps_its_bytes)
{
    grown(64, MOST);
    grown(LARGE_LEAST - 4, MOST);
    const uintptr_t large = (uintptr_t)grown(LARGE_LEAST, MOST);
    ck_assert_uint_eq(large % PAGE, 0);
}
END_TEST

/* There is no room to look for a better place. */
START_TEST(where_address_space_is_short_it_grows_all_the_same)
{
    const size_t half = 256 << 20;
    uint32_t *at = large_grow(NULL, 0, half, 1);
    at[half / sizeof *at - 1] = 7;
    uint32_t *hole = large_grow(NULL, 0, half, 1);
    large_free(hole, half);
    struct rlimit l;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &l), 0);
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    ck_assert(f && fscanf(f, "%lu", &pages) == 1);
    fclose(f);
    l.rlim_cur = pages * 4096 + half + (8 << 20);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &l), 0);

    at = large_grow(at, half, 2 * half, 1);

    ck_assert_uint_eq(at[half / sizeof *at - 1], 7);
    large_free(at, 2 * half);
}
END_TEST

START_TEST(nothing_is_freed_of_nothing)
{
    large_free(NULL, 0);
}
END_TEST

Suite *large_suite(void);

Suite *large_suite(void)
{
    Suite *s = suite_create("large");
    TCase *t = tcase_create("growth");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, what_grows_keeps_its_bytes);
    tcase_add_test(t, where_address_space_is_short_it_grows_all_the_same);
    tcase_add_test(t, nothing_is_freed_of_nothing);
    suite_add_tcase(s, t);
    return s;
}
