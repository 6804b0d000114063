/* SPDX-License-Identifier: MIT */
/* check_components.c - cycles are found exactly, whatever the shape */
#include "random_graph.h"

#include <check.h>
#include <string.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

static struct components components_of(uint32_t n, const struct edge *edges,
                                       uint32_t m)
{
    const struct graph g = graph_build(&arena, n, edges, m);
    return components_find(&arena, &g, NULL);
}

/* reach[v] is the set of objects that v reaches inside `in`, v among them. */
static void close_over(const struct random_graph *r, uint32_t in,
                       uint32_t reach[MAX_OBJECTS])
{
    for (uint32_t v = 0; v < r->n; v++)
        reach[v] = in & 1u << v;
    for (uint32_t i = 0; i < r->m; i++)
        if ((in >> r->edges[i].from & 1) && (in >> r->edges[i].to & 1))
            reach[r->edges[i].from] |= 1u << r->edges[i].to;
    for (uint32_t w = 0; w < r->n; w++)
        for (uint32_t v = 0; v < r->n; v++)
            if (reach[v] >> w & 1)
                reach[v] |= reach[w];
}

static void check_flags(const struct random_graph *r, uint32_t in,
                        const struct components *k, unsigned long seed)
{
    uint32_t ring = 0;
    uint32_t entered = 0;
    for (uint32_t i = 0; i < r->m; i++) {
        const struct edge e = r->edges[i];
        if (!(in >> e.from & 1) || !(in >> e.to & 1))
            continue;
        if (k->of[e.from] == k->of[e.to])
            ring |= 1u << k->of[e.to];
        else
            entered |= 1u << k->of[e.to];
        CLAIM(k->of[e.from] >= k->of[e.to], seed);
    }
    for (uint32_t c = 0; c < k->n; c++) {
        CLAIM(k->ring[c] == (ring >> c & 1), seed);
        CLAIM(k->source[c] == !(entered >> c & 1), seed);
    }
}

static void check_members(const struct random_graph *r, uint32_t in,
                          const struct components *k, unsigned long seed)
{
    CLAIM(k->first[k->n] == (uint32_t)__builtin_popcount(in), seed);
    for (uint32_t c = 0; c < k->n; c++) {
        CLAIM(k->size[c] == k->first[c + 1] - k->first[c], seed);
        for (uint32_t i = k->first[c]; i < k->first[c + 1]; i++) {
            const uint32_t v = k->member[i];
            CLAIM(k->of[v] == c, seed);
            CLAIM(k->place[v] == i - k->first[c], seed);
            CLAIM(i == k->first[c] || v > k->member[i - 1], seed);
        }
    }
    for (uint32_t v = 0; v < r->n; v++)
        CLAIM((k->of[v] == UINT32_MAX) == !(in >> v & 1), seed);
}

START_TEST(components_are_what_reaches_each_other)
{
    for (uint64_t seed = 1; seed <= 10000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_PART);
        const uint32_t in = set_of(r.candidate, r.n);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct components k = components_find(&arena, &g, r.candidate);
        uint32_t reach[MAX_OBJECTS];
        close_over(&r, in, reach);

        check_members(&r, in, &k, (unsigned long)seed);
        check_flags(&r, in, &k, (unsigned long)seed);
        for (uint32_t v = 0; v < r.n; v++)
            for (uint32_t w = 0; w < r.n; w++) {
                if (!(in >> v & 1) || !(in >> w & 1))
                    continue;
                const bool both = (reach[v] >> w & 1) && (reach[w] >> v & 1);
                CLAIM((k.of[v] == k.of[w]) == both, seed);
            }
        release_now_and_then(&arena, seed);
    }
}
END_TEST

/* Rings of 1, 10, ..., 1000000: depth must not depend on the C stack. */
START_TEST(a_ring_of_any_length_is_one_component)
{
    uint32_t n = 1;
    for (int i = 0; i < _i; i++)
        n *= 10;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    for (uint32_t v = 0; v < n; v++)
        edges[v] = (struct edge){v, (v + 1) % n};

    const struct components k = components_of(n, edges, n);
    ck_assert_uint_eq(k.n, 1);
    ck_assert(k.ring[0]);
    ck_assert(k.source[0]);
}
END_TEST

START_TEST(a_list_of_a_million_is_a_million_components)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    for (uint32_t v = 0; v + 1 < n; v++)
        edges[v] = (struct edge){v, v + 1};

    const struct components k = components_of(n, edges, n - 1);
    ck_assert_uint_eq(k.n, n);
    ck_assert(k.source[k.of[0]]);
    ck_assert(!k.source[k.of[1]]);
    ck_assert(!k.ring[k.of[1]]);
}
END_TEST

/* Two rails with rungs, a million objects, each rail closed at its end. */
START_TEST(a_closed_ladder_of_a_million_is_one_component)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, (size_t)2 * n, struct edge);
    for (uint32_t v = 0; v < n; v++) {
        edges[2 * v] = (struct edge){v, (v + 2) % n};
        edges[2 * v + 1] = (struct edge){v, v ^ 1};
    }

    const struct components k = components_of(n, edges, 2 * n);
    ck_assert_uint_eq(k.n, 1);
}
END_TEST

START_TEST(two_rings_joined_one_way_are_two_components_and_one_source)
{
    const struct edge edges[] = {{0, 1}, {1, 0}, {2, 3}, {3, 2}, {2, 0}};
    const struct components k = components_of(4, edges, 5);

    ck_assert_uint_eq(k.n, 2);
    ck_assert(k.ring[0]);
    ck_assert(k.ring[1]);
    ck_assert(k.source[k.of[2]]);
    ck_assert(!k.source[k.of[0]]);
}
END_TEST

START_TEST(two_rings_joined_both_ways_are_one_component)
{
    const struct edge edges[] = {{0, 1}, {1, 0}, {2, 3},
                                 {3, 2}, {2, 0}, {1, 3}};
    ck_assert_uint_eq(components_of(4, edges, 6).n, 1);
}
END_TEST

START_TEST(a_clique_is_one_component)
{
    struct edge edges[50 * 49];
    uint32_t m = 0;
    for (uint32_t v = 0; v < 50; v++)
        for (uint32_t w = 0; w < 50; w++)
            if (v != w)
                edges[m++] = (struct edge){v, w};

    ck_assert_uint_eq(components_of(50, edges, m).n, 1);
}
END_TEST

START_TEST(an_object_is_a_ring_only_with_an_edge_to_itself)
{
    const struct edge edges[] = {{0, 0}, {0, 0}, {0, 1}, {0, 1}};
    const struct components k = components_of(2, edges, 4);

    ck_assert_uint_eq(k.n, 2);
    ck_assert(k.ring[k.of[0]]);
    ck_assert(!k.ring[k.of[1]]);
    ck_assert(!k.source[k.of[1]]);
}
END_TEST

Suite *components_suite(void);

Suite *components_suite(void)
{
    Suite *s = suite_create("components");
    TCase *t = tcase_create("shapes");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, components_are_what_reaches_each_other);
    tcase_add_loop_test(t, a_ring_of_any_length_is_one_component, 0, 7);
    tcase_add_test(t, a_list_of_a_million_is_a_million_components);
    tcase_add_test(t, a_closed_ladder_of_a_million_is_one_component);
    tcase_add_test(t,
                   two_rings_joined_one_way_are_two_components_and_one_source);
    tcase_add_test(t, two_rings_joined_both_ways_are_one_component);
    tcase_add_test(t, a_clique_is_one_component);
    tcase_add_test(t, an_object_is_a_ring_only_with_an_edge_to_itself);
    suite_add_tcase(s, t);
    return s;
}
