/* SPDX-License-Identifier: MIT */
/* check_witness.c - the cycle that is shown is one, and none is shorter */
#include "random_graph.h"

#include <check.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* Length of the shortest closed walk from v: sets of what is k steps away. */
static uint32_t shortest_from(const struct random_graph *r, uint32_t v)
{
    uint32_t now = 1u << v;
    for (uint32_t steps = 1; steps <= r->n; steps++) {
        uint32_t next = 0;
        for (uint32_t i = 0; i < r->m; i++)
            if (now >> r->edges[i].from & 1)
                next |= 1u << r->edges[i].to;
        if (next >> v & 1)
            return steps;
        now = next;
    }
    return 0;
}

static void check_closed(const struct graph *g, const struct components *k,
                         uint32_t c, const struct witness *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const uint32_t v = w->object[i];
        CLAIM(k->of[v] == c, i);
        CLAIM(w->edge[i] >= g->first[v], i);
        CLAIM(w->edge[i] < g->first[v + 1], i);
        CLAIM(g->to[w->edge[i]] == w->object[(i + 1) % w->n], i);
    }
}

START_TEST(a_witness_is_a_shortest_cycle_from_the_smallest_member)
{
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct components k = components_find(&arena, &g, NULL);
        for (uint32_t c = 0; c < k.n; c++) {
            const uint32_t start = k.member[k.first[c]];
            const struct witness w = witness_find(&arena, &g, &k, c);
            CLAIM(w.n == shortest_from(&r, start), seed);
            CLAIM(w.n == 0 || w.object[0] == start, seed);
            check_closed(&g, &k, c, &w);
        }
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(a_ring_of_a_million_is_its_own_witness)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    for (uint32_t v = 0; v < n; v++)
        edges[v] = (struct edge){v, (v + 1) % n};
    const struct graph g = graph_build(&arena, n, edges, n);
    const struct components k = components_find(&arena, &g, NULL);

    const struct witness w = witness_find(&arena, &g, &k, 0);
    ck_assert_uint_eq(w.n, n);
    check_closed(&g, &k, 0, &w);
}
END_TEST

START_TEST(a_hundred_thousand_pairs_each_have_a_witness)
{
    const uint32_t n = 200000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    for (uint32_t v = 0; v < n; v++)
        edges[v] = (struct edge){v, v ^ 1};
    const struct graph g = graph_build(&arena, n, edges, n);
    const struct components k = components_find(&arena, &g, NULL);

    ck_assert_uint_eq(k.n, n / 2);
    for (uint32_t c = 0; c < k.n; c++)
        CLAIM(witness_find(&arena, &g, &k, c).n == 2, c);
}
END_TEST

Suite *witness_suite(void);

Suite *witness_suite(void)
{
    Suite *s = suite_create("witness");
    TCase *t = tcase_create("shapes");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_witness_is_a_shortest_cycle_from_the_smallest_member);
    tcase_add_test(t, a_ring_of_a_million_is_its_own_witness);
    tcase_add_test(t, a_hundred_thousand_pairs_each_have_a_witness);
    suite_add_tcase(s, t);
    return s;
}
