/* SPDX-License-Identifier: MIT */
/* check_cpython.c - our collector finds what CPython's own finds */
#include "collect/collect.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, N_TRIALS = 4000 };

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

struct trial {
    uint32_t n, m;
    int64_t rc[MOST];
    unsigned char candidate[MOST], found[MOST];
    struct edge *edges;
};

static int64_t number_from(FILE *in)
{
    long long value = 0;
    if (fscanf(in, "%lld", &value) != 1)
        ck_abort_msg("the oracle was cut");
    return value;
}

static void flags_from(FILE *in, uint32_t n, unsigned char *flags)
{
    for (uint32_t v = 0; v < n; v++)
        flags[v] = (unsigned char)number_from(in);
}

static struct trial trial_from(FILE *in)
{
    struct trial t = {.n = (uint32_t)number_from(in)};
    if (t.n > MOST)
        ck_abort_msg("the oracle is no oracle");
    t.m = (uint32_t)number_from(in);
    t.edges = ARENA_ARRAY(&arena, t.m, struct edge);
    for (uint32_t v = 0; v < t.n; v++)
        t.rc[v] = number_from(in);
    flags_from(in, t.n, t.candidate);
    for (uint32_t i = 0; i < t.m; i++) {
        t.edges[i].from = (uint32_t)number_from(in);
        t.edges[i].to = (uint32_t)number_from(in);
    }
    flags_from(in, t.n, t.found);
    return t;
}

/* The script stands beside this source. */
static FILE *start_oracle(void)
{
    const char *slash = strrchr(__FILE__, '/');
    const int len = slash ? (int)(slash - __FILE__) + 1 : 0;
    char command[1024];
    snprintf(command, sizeof command, "python3 '%.*soracle.py' %d", len,
             __FILE__, N_TRIALS);
    return popen(command, "r");
}

/* Says so, and returns true, where there is no CPython to ask. */
static bool cannot_ask(FILE *in)
{
    const int c = getc(in);
    if (c != 's' && c != EOF) {
        ungetc(c, in);
        return false;
    }
    char why[128] = "";
    if (c == EOF || !fgets(why, sizeof why, in))
        snprintf(why, sizeof why, "kip: python3 did not run\n");
    fprintf(stderr, "check_cpython: s%s", why);
    return true;
}

START_TEST(sets_are_those_of_gc_collect)
{
    FILE *in = start_oracle();
    ck_assert_ptr_nonnull(in);
    if (cannot_ask(in)) {
        pclose(in);
        return;
    }
    uint32_t n_found = 0;
    for (int i = 0; i < N_TRIALS; i++) {
        const struct trial t = trial_from(in);
        const struct graph g = graph_build(&arena, t.n, t.edges, t.m);
        const struct unreachable u = collect(&arena, &g, t.rc, t.candidate);
        ck_assert_msg(memcmp(u.in, t.found, t.n) == 0, "trial %d", i);
        ck_assert(certificate_holds(&g, t.rc, t.candidate, t.found, NULL));
        n_found += u.n;
    }
    ck_assert_int_eq(pclose(in), 0);
    ck_assert_uint_gt(n_found, N_TRIALS);
}
END_TEST

Suite *cpython_suite(void);

Suite *cpython_suite(void)
{
    Suite *s = suite_create("cpython");
    TCase *t = tcase_create("oracle");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, sets_are_those_of_gc_collect);
    suite_add_tcase(s, t);
    return s;
}
