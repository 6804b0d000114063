/* SPDX-License-Identifier: MIT */
/* check_dominators.c - the nearest component without which another falls */
#include "collect/dominators.h"
#include "random_graph.h"

#include <check.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* What the sources reach without going through `without` (UINT32_MAX: none). */
static uint32_t reached(const struct random_graph *r,
                        const struct components *k, uint32_t without)
{
    uint32_t set = 0;
    for (uint32_t c = 0; c < k->n; c++)
        if (k->source[c] && c != without)
            set |= 1u << c;
    for (bool more = true; more;) {
        const uint32_t before = set;
        for (uint32_t i = 0; i < r->m; i++) {
            const uint32_t c = k->of[r->edges[i].from];
            const uint32_t d = k->of[r->edges[i].to];
            if ((set >> c & 1) && d != without)
                set |= 1u << d;
        }
        more = set != before;
    }
    return set;
}

/* Dominators of c are a chain; the nearest is the one with most above it. */
static uint32_t brute_idom(const struct random_graph *r,
                           const struct components *k, uint32_t c)
{
    uint32_t above[MAX_OBJECTS] = {0};
    for (uint32_t d = 0; d < k->n; d++) {
        const uint32_t still = reached(r, k, d);
        for (uint32_t e = 0; e < k->n; e++)
            if (e != d && !(still >> e & 1))
                above[e] |= 1u << d;
    }
    uint32_t nearest = k->n;
    for (uint32_t d = 0; d < k->n; d++)
        if ((above[c] >> d & 1) &&
            (nearest == k->n || (above[d] >> nearest & 1)))
            nearest = d;
    return nearest;
}

START_TEST(without_its_dominator_a_component_falls)
{
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct components k = components_find(&arena, &g, NULL);
        const struct dominators d = dominators_find(&arena, &g, &k);
        for (uint32_t c = 0; c < k.n; c++)
            CLAIM(d.idom[c] == brute_idom(&r, &k, c), seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

/* root -> a, d;  a -> b, c;  d -> e;  e -> b;  b -> c */
START_TEST(what_two_paths_reach_is_dominated_by_their_fork)
{
    enum { A, B, C, D, E };
    const struct edge edges[] = {{A, B}, {A, C}, {D, E}, {E, B}, {B, C}};
    const struct graph g = graph_build(&arena, 5, edges, 5);
    const struct components k = components_find(&arena, &g, NULL);
    const struct dominators d = dominators_find(&arena, &g, &k);

    ck_assert_uint_eq(d.idom[k.of[C]], d.root);
    ck_assert_uint_eq(d.idom[k.of[B]], d.root);
    ck_assert_uint_eq(d.idom[k.of[E]], k.of[D]);
}
END_TEST

/* a0 -> a1 -> ..., b0 -> b1 -> ..., and a rung a(i) -> b(i): every b(i) is
   dominated by a0, and a walk from a(i) to a0 parent by parent would take i
   steps. */
START_TEST(a_ladder_of_a_million_is_no_quadratic_walk)
{
    const uint32_t rungs = 500000;
    struct edge *edges = ARENA_ARRAY(&arena, (size_t)3 * rungs, struct edge);
    uint32_t m = 0;
    for (uint32_t i = 0; i < rungs; i++) {
        edges[m++] = (struct edge){2 * i, 2 * i + 1};
        if (i + 1 < rungs) {
            edges[m++] = (struct edge){2 * i, 2 * i + 2};
            edges[m++] = (struct edge){2 * i + 1, 2 * i + 3};
        }
    }
    const struct graph g = graph_build(&arena, 2 * rungs, edges, m);
    const struct components k = components_find(&arena, &g, NULL);
    const struct dominators d = dominators_find(&arena, &g, &k);

    for (uint32_t i = 0; i < rungs; i++) {
        CLAIM(d.idom[k.of[2 * i + 1]] == k.of[0], i);
        if (i > 0)
            CLAIM(d.idom[k.of[2 * i]] == k.of[2 * i - 2], i);
    }
}
END_TEST

/* Two rails from one start, and c(i) that both a(i) and b(i) hold: both sides
   have i steps to climb. */
START_TEST(two_long_rails_meet_without_a_quadratic_walk)
{
    const uint32_t rungs = 300000;
    struct edge *edges = ARENA_ARRAY(&arena, (size_t)4 * rungs, struct edge);
    const uint32_t start = 3 * rungs;
    uint32_t m = 0;
    for (uint32_t i = 0; i < rungs; i++) {
        edges[m++] = (struct edge){i > 0 ? 3 * i - 3 : start, 3 * i};
        edges[m++] = (struct edge){i > 0 ? 3 * i - 2 : start, 3 * i + 1};
        edges[m++] = (struct edge){3 * i, 3 * i + 2};
        edges[m++] = (struct edge){3 * i + 1, 3 * i + 2};
    }
    const struct graph g = graph_build(&arena, start + 1, edges, m);
    const struct components k = components_find(&arena, &g, NULL);
    const struct dominators d = dominators_find(&arena, &g, &k);

    for (uint32_t i = 0; i < rungs; i++)
        CLAIM(d.idom[k.of[3 * i + 2]] == k.of[start], i);
}
END_TEST

Suite *dominators_suite(void);

Suite *dominators_suite(void)
{
    Suite *s = suite_create("dominators");
    TCase *t = tcase_create("shapes");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, without_its_dominator_a_component_falls);
    tcase_add_test(t, what_two_paths_reach_is_dominated_by_their_fork);
    tcase_add_test(t, a_ladder_of_a_million_is_no_quadratic_walk);
    tcase_add_test(t, two_long_rails_meet_without_a_quadratic_walk);
    suite_add_tcase(s, t);
    return s;
}
