/* SPDX-License-Identifier: MIT */
/* check_graph.c - sparse rows hold exactly the edges that were given */
#include "random_graph.h"

#include <check.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

START_TEST(a_graph_without_objects_is_valid)
{
    const struct graph g = graph_build(&arena, 0, NULL, 0);

    ck_assert(graph_is_valid(&g));
    ck_assert_uint_eq(g.first[0], 0);
}
END_TEST

START_TEST(rows_keep_the_order_of_equal_owners_and_repeats)
{
    const struct edge edges[] = {{2, 0}, {0, 1}, {2, 2}, {0, 1}, {2, 1}};
    const struct graph g = graph_build(&arena, 3, edges, 5);

    ck_assert(graph_is_valid(&g));
    const uint32_t first[] = {0, 2, 2, 5};
    const uint32_t to[] = {1, 1, 0, 2, 1};
    const uint32_t edge[] = {1, 3, 0, 2, 4};
    ck_assert_mem_eq(g.first, first, sizeof first);
    ck_assert_mem_eq(g.to, to, sizeof to);
    ck_assert_mem_eq(g.edge, edge, sizeof edge);
}
END_TEST

START_TEST(a_reversed_graph_holds_the_same_edges_turned_round)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct graph back = graph_reverse(&arena, &g);

        CLAIM(graph_is_valid(&back), seed);
        for (uint32_t v = 0; v < r.n; v++)
            for (uint32_t i = back.first[v]; i < back.first[v + 1]; i++) {
                const struct edge e = r.edges[back.edge[i]];
                CLAIM(e.to == v && e.from == back.to[i], seed);
            }
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(rows_in_order_need_no_numbers)
{
    uint32_t first[] = {0, 2, 2, 3};
    uint32_t to[] = {2, 1, 0};
    const struct graph g = {.n = 3, .first = first, .to = to};
    const struct graph back = graph_reverse(&arena, &g);
    const uint32_t edge[] = {2, 1, 0}; /* to 0, to 1, to 2 */

    ck_assert(graph_is_valid(&g));
    ck_assert_mem_eq(back.edge, edge, sizeof edge);
}
END_TEST

START_TEST(a_broken_graph_is_not_valid)
{
    const struct edge edges[] = {{0, 1}, {1, 0}, {1, 1}};
    const struct graph g = graph_build(&arena, 2, edges, 3);
    ck_assert(graph_is_valid(&g));

    g.to[1] = 2;
    ck_assert(!graph_is_valid(&g));
    g.to[1] = 0;
    g.edge[1] = 0;
    ck_assert(!graph_is_valid(&g));
    g.edge[1] = 1;
    g.first[1] = 4;
    ck_assert(!graph_is_valid(&g));
    g.first[1] = 1;
    g.first[0] = 1;
    ck_assert(!graph_is_valid(&g));
    g.first[0] = 0;
    ck_assert(graph_is_valid(&g));
}
END_TEST

Suite *graph_suite(void);

Suite *graph_suite(void)
{
    Suite *s = suite_create("graph");
    TCase *t = tcase_create("rows");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_add_test(t, a_graph_without_objects_is_valid);
    tcase_add_test(t, rows_keep_the_order_of_equal_owners_and_repeats);
    tcase_add_test(t, a_reversed_graph_holds_the_same_edges_turned_round);
    tcase_add_test(t, rows_in_order_need_no_numbers);
    tcase_add_test(t, a_broken_graph_is_not_valid);
    suite_add_tcase(s, t);
    return s;
}
