/* SPDX-License-Identifier: MIT */
/* check_retained.c - what goes with a source, and with it alone */
#include "random_graph.h"

#include <check.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* What the other sources reach in `u` when source c is taken out. */
static uint32_t flood_without(const struct random_graph *r, uint32_t u,
                              const struct components *k, uint32_t c)
{
    uint32_t set = 0;
    for (uint32_t v = 0; v < r->n; v++)
        if ((u >> v & 1) && k->source[k->of[v]] && k->of[v] != c)
            set |= 1u << v;
    for (bool more = true; more;) {
        const uint32_t before = set;
        for (uint32_t i = 0; i < r->m; i++) {
            const struct edge e = r->edges[i];
            if ((set >> e.from & 1) && (u >> e.to & 1) && k->of[e.to] != c)
                set |= 1u << e.to;
        }
        more = set != before;
    }
    return set;
}

/* Counts fall: what has no count from outside the set joins it, whole
   components at a time. */
static uint32_t cascade(const struct random_graph *r, uint32_t u,
                        const struct components *k, uint32_t c)
{
    uint32_t set = 1u << c; /* of components */
    for (bool more = true; more;) {
        const uint32_t before = set;
        uint32_t blocked = 0;
        for (uint32_t i = 0; i < r->m; i++) {
            const struct edge e = r->edges[i];
            if ((u >> e.from & 1) && (u >> e.to & 1) &&
                !(set >> k->of[e.from] & 1) && k->of[e.from] != k->of[e.to])
                blocked |= 1u << k->of[e.to];
        }
        for (uint32_t d = 0; d < k->n; d++)
            if (!(blocked >> d & 1) && !k->source[d])
                set |= 1u << d;
        more = set != before;
    }
    uint32_t objects = 0;
    for (uint32_t v = 0; v < r->n; v++)
        if ((u >> v & 1) && (set >> k->of[v] & 1))
            objects |= 1u << v;
    return objects;
}

static void check_source(const struct random_graph *r, uint32_t u,
                         const struct components *k, const struct retained *t,
                         uint32_t c, unsigned long seed)
{
    const uint32_t removed = u & ~flood_without(r, u, k, c);
    CLAIM(removed == cascade(r, u, k, c), seed);
    CLAIM(t->objects[c] == (uint32_t)__builtin_popcount(removed), seed);
    for (uint32_t v = 0; v < r->n; v++)
        CLAIM((t->held_by[v] == c) == (removed >> v & 1), seed);
}

START_TEST(retained_is_what_falls_when_the_source_is_removed)
{
    uint32_t compared = 0;
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        const struct random_graph r =
            random_graph(seed, seed % 2 ? RANDOM_NEGATIVE : RANDOM_SOUND);
        const struct graph g = graph_build(&arena, r.n, r.edges, r.m);
        const struct unreachable u = collect(&arena, &g, r.rc, NULL);
        const struct components k = components_find(&arena, &g, u.in);
        const struct retained t = retained_find(&arena, &g, &k);
        for (uint32_t c = 0; c < k.n; c++) {
            if (!k.source[c]) {
                CLAIM(t.objects[c] == 0, seed);
                continue;
            }
            check_source(&r, set_of(u.in, r.n), &k, &t, c, (unsigned long)seed);
            compared++;
        }
        release_now_and_then(&arena, seed);
    }
    ck_assert_uint_gt(compared, 10000);
}
END_TEST

/* A ring of two and a list of a million behind it. */
START_TEST(a_ring_retains_a_list_of_a_million)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    for (uint32_t v = 0; v + 1 < n; v++)
        edges[v] = (struct edge){v, v + 1};
    edges[n - 1] = (struct edge){1, 0};
    const struct graph g = graph_build(&arena, n, edges, n);
    const struct components k = components_find(&arena, &g, NULL);
    const struct retained t = retained_find(&arena, &g, &k);

    ck_assert_uint_eq(t.objects[k.of[0]], n);
    ck_assert_uint_eq(t.held_by[n - 1], k.of[0]);
}
END_TEST

START_TEST(what_two_sources_hold_is_retained_by_neither)
{
    const struct edge edges[] = {{0, 0}, {1, 1}, {0, 2}, {1, 2}, {2, 3}};
    const struct graph g = graph_build(&arena, 4, edges, 5);
    const struct components k = components_find(&arena, &g, NULL);
    const struct retained t = retained_find(&arena, &g, &k);

    ck_assert_uint_eq(t.objects[k.of[0]], 1);
    ck_assert_uint_eq(t.objects[k.of[1]], 1);
    ck_assert_uint_eq(t.held_by[2], UINT32_MAX);
    ck_assert_uint_eq(t.held_by[3], UINT32_MAX);
}
END_TEST

Suite *retained_suite(void);

Suite *retained_suite(void)
{
    Suite *s = suite_create("retained");
    TCase *t = tcase_create("shapes");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, retained_is_what_falls_when_the_source_is_removed);
    tcase_add_test(t, a_ring_retains_a_list_of_a_million);
    tcase_add_test(t, what_two_sources_hold_is_retained_by_neither);
    suite_add_tcase(s, t);
    return s;
}
