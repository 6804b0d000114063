/* SPDX-License-Identifier: MIT */
/*
 * ouro_check.h - Check tells ouro where each test begins
 *
 *     #include <check.h>
 *     #include "ouro_check.h"
 *
 *     START_TEST(sums_are_right) ... END_TEST      as ever
 *
 *     TCase *t = tcase_create("sums");
 *     tcase_add_checked_fixture(t, set_up, tear_down);
 *     ouro_watch_tests(t);
 *     tcase_add_test(t, sums_are_right);
 *
 * A checkpoint with the test's name stands before each test's body and one
 * after it, so that what is found in a process of many tests (CK_FORK=no) can
 * be told by test. A fixture is not told the name of the test that follows it,
 * so START_TEST says it: where Check has its test function, this one stands,
 * which calls it.
 */
#ifndef OURO_CHECK_H
#define OURO_CHECK_H

#include <check.h>
#include <ouro.h>

#undef START_TEST
#define START_TEST(test)                                                       \
    static void test##_body(int _i CK_ATTRIBUTE_UNUSED);                       \
    static void test##_fn(int i)                                               \
    {                                                                          \
        OURO_CHECKPOINT(#test);                                                \
        test##_body(i);                                                        \
    }                                                                          \
    static const TTest test##_ttest = {#test, test##_fn, __FILE__, __LINE__};  \
    static const TTest *test = &test##_ttest;                                  \
    static void test##_body(int _i CK_ATTRIBUTE_UNUSED)

static inline void ouro_between_tests(void)
{
    OURO_CHECKPOINT("between tests");
}

/* After the test case's own fixtures. */
static inline void ouro_watch_tests(TCase *t)
{
    tcase_add_checked_fixture(t, ouro_between_tests, ouro_between_tests);
}

#endif
