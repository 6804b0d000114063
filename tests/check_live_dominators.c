/* SPDX-License-Identifier: MIT */
/* check_live_dominators.c - the nearest node without which another cannot be
   reached */
#include "collect/live_dominators.h"
#include "random_graph.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* What roots reach without going through `without` (UINT32_MAX: none). */
static uint32_t reached(const struct random_graph *r, const unsigned char *root,
                        uint32_t without)
{
    uint32_t set = 0;
    for (uint32_t v = 0; v < r->n; v++)
        if (root[v] && v != without)
            set |= 1u << v;
    for (bool more = true; more;) {
        const uint32_t before = set;
        for (uint32_t i = 0; i < r->m; i++)
            if ((set >> r->edges[i].from & 1) && r->edges[i].to != without)
                set |= 1u << r->edges[i].to;
        more = set != before;
    }
    return set;
}

/* Dominators of v are a chain; the nearest is the one with most above it. */
static uint32_t brute_idom(const struct random_graph *r,
                           const unsigned char *root, uint32_t v)
{
    uint32_t above[MAX_OBJECTS] = {0};
    for (uint32_t d = 0; d < r->n; d++) {
        const uint32_t still = reached(r, root, d);
        for (uint32_t e = 0; e < r->n; e++)
            if (e != d && !(still >> e & 1))
                above[e] |= 1u << d;
    }
    const uint32_t all = reached(r, root, UINT32_MAX);
    uint32_t nearest = r->n;
    if (!(all >> v & 1))
        return UINT32_MAX;
    for (uint32_t d = 0; d < r->n; d++)
        if ((above[v] & all) >> d & 1)
            if (nearest == r->n || (above[d] >> nearest & 1))
                nearest = d;
    return nearest;
}

START_TEST(without_its_dominator_no_root_reaches_it)
{
    uint32_t n_inner = 0;
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_PART);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        uint64_t state = seed;
        unsigned char root[MAX_OBJECTS];
        for (uint32_t v = 0; v < r.n; v++)
            root[v] = random_below(&state, 4) == 0;
        const struct live_dominators d = live_dominators_find(&arena, &g, root);
        unsigned char seen[MAX_OBJECTS + 1] = {0};
        seen[r.n] = 1;
        for (uint32_t i = 0; i < d.n; i++) {
            CLAIM(seen[d.idom[d.order[i]]], seed);
            seen[d.order[i]] = 1;
        }
        for (uint32_t v = 0; v < r.n; v++) {
            CLAIM(d.idom[v] == brute_idom(&r, root, v), seed);
            n_inner += d.idom[v] < r.n;
        }
        release();
    }
    ck_assert_uint_gt(n_inner, 2000);
}
END_TEST

/* ALGORITHMS 7: root->a, root->d, a->b, a->c, d->e, e->b, b->c. */
START_TEST(two_ways_to_a_node_leave_the_root_alone_above_it)
{
    enum { A, B, C, D, E, N };
    static const struct edge edges[] = {{A, B}, {A, C}, {D, E}, {E, B}, {B, C}};
    static const unsigned char root[N] = {[A] = 1, [D] = 1};
    const struct graph g = graph_build(&arena, N, edges, 5);
    const struct live_dominators d = live_dominators_find(&arena, &g, root);

    ck_assert_uint_eq(d.n, N);
    ck_assert_uint_eq(d.idom[C], N);
    ck_assert_uint_eq(d.idom[B], N);
    ck_assert_uint_eq(d.idom[E], D);
}
END_TEST

/* Both ways: each node has its own, though all are one component. */
START_TEST(a_list_of_a_million_with_links_back_is_a_chain)
{
    enum { N = 1000000 };
    struct edge *edges = calloc(2 * N, sizeof *edges);
    unsigned char *root = calloc(N, 1);
    uint32_t m = 0;
    for (uint32_t v = 0; v + 1 < N; v++) {
        edges[m++] = (struct edge){v, v + 1};
        edges[m++] = (struct edge){v + 1, v};
    }
    root[0] = 1;
    const struct graph g = graph_build(&arena, N, edges, m);
    const struct live_dominators d = live_dominators_find(&arena, &g, root);
    for (uint32_t v = 1; v < N; v++)
        CLAIM(d.idom[v] == v - 1, v);
    free(edges);
    free(root);
}
END_TEST

Suite *live_dominators_suite(void);
Suite *live_dominators_suite(void)
{
    Suite *s = suite_create("live_dominators");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, without_its_dominator_no_root_reaches_it);
    tcase_add_test(t, two_ways_to_a_node_leave_the_root_alone_above_it);
    tcase_add_test(t, a_list_of_a_million_with_links_back_is_a_chain);
    suite_add_tcase(s, t);
    return s;
}
