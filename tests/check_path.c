/* SPDX-License-Identifier: MIT */
/* check_path.c - the way that is told is a way, and none is shorter */
#include "collect/path.h"
#include "random_graph.h"

#include <stdlib.h>
#include <string.h>

enum { FAR = 1000, ROUNDS = 4000 };

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* Floyd and Warshall: distances between all, through those inside. */
static void measure(const struct random_graph *r, const unsigned char *inside,
                    int d[MAX_OBJECTS][MAX_OBJECTS])
{
    for (uint32_t i = 0; i < r->n; i++)
        for (uint32_t k = 0; k < r->n; k++)
            d[i][k] = i == k ? 0 : FAR;
    for (uint32_t e = 0; e < r->m; e++)
        if (r->edges[e].from != r->edges[e].to && inside[r->edges[e].from] &&
            inside[r->edges[e].to])
            d[r->edges[e].from][r->edges[e].to] = 1;
    for (uint32_t by = 0; by < r->n; by++)
        for (uint32_t i = 0; i < r->n; i++)
            for (uint32_t k = 0; k < r->n; k++)
                if (d[i][by] + d[by][k] < d[i][k])
                    d[i][k] = d[i][by] + d[by][k];
}

/* As many objects as the shortest way from a start has; 0: there is none. */
static uint32_t wanted(const struct random_graph *r, const unsigned char *start,
                       const unsigned char *inside, uint32_t to)
{
    int d[MAX_OBJECTS][MAX_OBJECTS];
    int least = FAR;
    measure(r, inside, d);
    for (uint32_t v = 0; v < r->n; v++)
        if (start[v] && inside[v] && inside[to] && d[v][to] < least)
            least = d[v][to];
    return least == FAR ? 0 : (uint32_t)least + 1;
}

static bool is_way(const struct graph *g, const struct path *p, uint32_t to)
{
    for (uint32_t i = 0; i + 1 < p->n; i++) {
        const uint32_t v = p->object[i];
        if (p->edge[i] < g->first[v] || p->edge[i] >= g->first[v + 1] ||
            g->to[p->edge[i]] != p->object[i + 1])
            return false;
    }
    return p->n == 0 || p->object[p->n - 1] == to;
}

static void check_round(uint64_t seed)
{
    uint64_t state = seed * 2 + 1;
    unsigned char start[MAX_OBJECTS], inside[MAX_OBJECTS];
    const struct random_graph r = random_graph(seed, RANDOM_SOUND);
    const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
    const bool all = random_below(&state, 2);
    for (uint32_t v = 0; v < r.n; v++) {
        start[v] = random_below(&state, 4) == 0;
        inside[v] = all || random_below(&state, 4) > 0;
    }
    const uint32_t to = random_below(&state, r.n);
    const struct path p = path_find(&arena, &g, start, all ? NULL : inside, to);

    CLAIM(p.n == wanted(&r, start, inside, to), seed);
    CLAIM(is_way(&g, &p, to), seed);
    CLAIM(p.n == 0 || start[p.object[0]], seed);
    for (uint32_t i = 0; i < p.n; i++)
        CLAIM(inside[p.object[i]], seed);
}

START_TEST(no_way_is_shorter_in_any_random_graph)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++)
        check_round(seed);
}
END_TEST

START_TEST(what_leads_to_an_object_is_what_reaches_it)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        int d[MAX_OBJECTS][MAX_OBJECTS];
        unsigned char all[MAX_OBJECTS];
        const struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const uint32_t to = (uint32_t)(seed % r.n);
        memset(all, 1, sizeof all);
        measure(&r, all, d);
        const unsigned char *leads = path_sources(&arena, &g, to);
        for (uint32_t v = 0; v < r.n; v++)
            CLAIM(leads[v] == (d[v][to] < FAR), seed);
    }
}
END_TEST

START_TEST(a_list_of_a_million_is_a_way)
{
    enum { LONG = 1000000 };
    struct edge *edges = ARENA_ARRAY(&arena, LONG, struct edge);
    unsigned char *start = ARENA_ARRAY(&arena, LONG, unsigned char);
    for (uint32_t i = 0; i + 1 < LONG; i++)
        edges[i] = (struct edge){i, i + 1};
    start[0] = 1;
    const struct graph g = graph_build(&arena, LONG, edges, LONG - 1);

    const struct path p = path_find(&arena, &g, start, NULL, LONG - 1);

    ck_assert_uint_eq(p.n, LONG);
    ck_assert_uint_eq(p.object[0], 0);
    ck_assert_uint_eq(path_sources(&arena, &g, LONG - 1)[0], 1);
}
END_TEST

START_TEST(of_equal_ways_the_smallest_start_is_taken)
{
    const struct edge edges[] = {{2, 3}, {1, 3}, {0, 2}};
    const unsigned char start[] = {0, 1, 1, 0};
    const struct graph g = graph_build(&arena, 4, edges, 3);

    const struct path p = path_find(&arena, &g, start, NULL, 3);

    ck_assert_uint_eq(p.n, 2);
    ck_assert_uint_eq(p.object[0], 1);
}
END_TEST

Suite *path_suite(void);

Suite *path_suite(void)
{
    Suite *s = suite_create("path");
    TCase *t = tcase_create("ways");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, no_way_is_shorter_in_any_random_graph);
    tcase_add_test(t, what_leads_to_an_object_is_what_reaches_it);
    tcase_add_test(t, a_list_of_a_million_is_a_way);
    tcase_add_test(t, of_equal_ways_the_smallest_start_is_taken);
    suite_add_tcase(s, t);
    return s;
}
