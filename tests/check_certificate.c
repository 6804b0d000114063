/* SPDX-License-Identifier: MIT */
/* check_certificate.c - the right set is accepted, every other one refused */
#include "random_graph.h"

#include <check.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

static bool accepts(const struct graph *g, const struct random_graph *r,
                    uint32_t set)
{
    unsigned char in[MAX_OBJECTS] = {0};
    for (uint32_t v = 0; v < r->n; v++)
        in[v] = set >> v & 1;
    const char *why = "not set";
    const bool ok = certificate_holds(g, r->rc, r->candidate, in, &why);
    CLAIM(ok == (why == NULL), set);
    return ok;
}

START_TEST(the_collectors_set_is_accepted_and_each_flip_refused)
{
    for (uint64_t seed = 1; seed <= 15000; seed++) {
        const struct random_graph r = random_graph(seed, (enum random_kind)_i);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct unreachable u = collect(&arena, &g, r.rc, r.candidate);
        const uint32_t right = set_of(u.in, r.n);

        CLAIM(accepts(&g, &r, right), seed);
        for (uint32_t v = 0; v < r.n; v++)
            CLAIM(!accepts(&g, &r, right ^ 1u << v), seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

/* A ring called alive as a whole passes every check that looks at one object
   and its neighbours: only the path from the living tells. */
START_TEST(of_all_sets_only_the_right_one_is_accepted)
{
    for (uint64_t seed = 1; seed <= 400; seed++) {
        const struct random_graph r = random_graph(seed, (enum random_kind)_i);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const uint32_t right = brute_unreachable(&r);
        for (uint32_t set = 0; set < 1u << r.n; set++)
            CLAIM(accepts(&g, &r, set) == (set == right), seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(a_list_of_a_million_is_certified)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    int64_t *rc = ARENA_ARRAY(&arena, n, int64_t);
    for (uint32_t v = 0; v < n; v++) {
        edges[v] = (struct edge){v, (v + 1) % n};
        rc[v] = 1;
    }
    const struct graph g = graph_build(&arena, n, edges, n);
    const struct unreachable u = collect(&arena, &g, rc, NULL);

    ck_assert_uint_eq(u.n, n);
    ck_assert(certificate_holds(&g, rc, NULL, u.in, NULL));
    rc[0] = 2;
    ck_assert(!certificate_holds(&g, rc, NULL, u.in, NULL));
}
END_TEST

Suite *certificate_suite(void);

Suite *certificate_suite(void)
{
    Suite *s = suite_create("certificate");
    TCase *t = tcase_create("sets");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, the_collectors_set_is_accepted_and_each_flip_refused,
                        0, N_RANDOM_KINDS);
    tcase_add_loop_test(t, of_all_sets_only_the_right_one_is_accepted, 0,
                        N_RANDOM_KINDS);
    tcase_add_test(t, a_list_of_a_million_is_certified);
    suite_add_tcase(s, t);
    return s;
}
