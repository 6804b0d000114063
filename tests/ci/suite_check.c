/* SPDX-License-Identifier: MIT */
/* suite_check.c - two tests, of which the second leaves a ring */
#include <check.h>
#include <stdlib.h>

#include "ouro_check.h"

struct node {
    struct node *next;
};

static void *made;

static void set_up(void)
{
    made = malloc(1);
}

static void tear_down(void)
{
    free(made);
}

START_TEST(no_ring_is_made)
{
    ck_assert_ptr_nonnull(made);
}
END_TEST

START_TEST(a_ring_is_left)
{
    struct node *n = malloc(sizeof *n);
    ck_assert_ptr_nonnull(n);
    OURO_NEW(n, "node");
    n->next = n;
    OURO_LINK(n, "next", n);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ring");
    TCase *t = tcase_create("ring");
    tcase_add_checked_fixture(t, set_up, tear_down);
    ouro_watch_tests(t);
    tcase_add_test(t, no_ring_is_made);
    tcase_add_test(t, a_ring_is_left);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
