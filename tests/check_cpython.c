/* SPDX-License-Identifier: MIT */
/* check_cpython.c - our collector finds what CPython's own finds */
#include "collect/collect.h"
#include "oracle.h"

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

static void flags_from(FILE *in, uint32_t n, unsigned char *flags)
{
    for (uint32_t v = 0; v < n; v++)
        flags[v] = (unsigned char)oracle_number(in);
}

static struct trial trial_from(FILE *in)
{
    struct trial t = {.n = (uint32_t)oracle_number(in)};
    if (t.n > MOST)
        ck_abort_msg("the oracle is no oracle");
    t.m = (uint32_t)oracle_number(in);
    t.edges = ARENA_ARRAY(&arena, t.m, struct edge);
    for (uint32_t v = 0; v < t.n; v++)
        t.rc[v] = oracle_number(in);
    flags_from(in, t.n, t.candidate);
    for (uint32_t i = 0; i < t.m; i++) {
        t.edges[i].from = (uint32_t)oracle_number(in);
        t.edges[i].to = (uint32_t)oracle_number(in);
    }
    flags_from(in, t.n, t.found);
    return t;
}

START_TEST(sets_are_those_of_gc_collect)
{
    FILE *in = oracle_start("oracle.py", N_TRIALS);
    if (!in)
        return;
    uint32_t n_found = 0;
    for (int i = 0; i < N_TRIALS; i++) {
        const struct trial t = trial_from(in);
        const struct graph g = graph_build(&arena, t.n, t.edges, t.m);
        const struct unreachable u = collect(&arena, &g, t.rc, t.candidate);
        ck_assert_msg(memcmp(u.in, t.found, t.n) == 0, "trial %d", i);
        ck_assert(certificate_holds(&g, t.rc, t.candidate, t.found, NULL));
        n_found += u.n;
    }
    oracle_end(in);
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
