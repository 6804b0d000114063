/* SPDX-License-Identifier: MIT */
/* check_reach.c - what roots reach, and how surely, whatever the shape */
#include "collect/reach.h"
#include "random_graph.h"

#include <check.h>
#include <string.h>

enum { NODES = 40, EDGES = 160, SEEDS = 20000 };

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

/* A graph as its caller has it, with edges that may repeat, in both sorts. */
struct sketch {
    uint32_t n, m;
    struct edge edges[EDGES];
    unsigned char unsure[EDGES];
    unsigned char root[NODES];
};

static struct sketch any_sketch(uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    struct sketch c = {.n = 1 + random_below(&state, NODES)};
    const uint32_t most = 1 + random_below(&state, 4);
    const uint32_t sure = 1 + random_below(&state, 5);
    c.m = random_below(&state, c.n * most + 1);
    for (uint32_t i = 0; i < c.m; i++) {
        c.edges[i].from = random_below(&state, c.n);
        c.edges[i].to = random_below(&state, c.n);
        if (i > 0 && random_below(&state, 6) == 0)
            c.edges[i] = c.edges[i - 1];
        c.unsure[i] = random_below(&state, sure) == 0;
    }
    for (uint32_t v = 0; v < c.n; v++)
        if (random_below(&state, 8) == 0)
            c.root[v] = (unsigned char)(1 + random_below(&state, 2));
    return c;
}

/* By entry of g->to. */
static unsigned char *unsure_of(const struct graph *g, const struct sketch *c)
{
    unsigned char *unsure = ARENA_ARRAY(&arena, c->m, unsigned char);
    for (uint32_t i = 0; i < c->m; i++)
        unsure[i] = c->unsure[g->edge ? g->edge[i] : i];
    return unsure;
}

static unsigned char *reached_in(const struct sketch *c, uint64_t seed)
{
    const struct graph g = graph_build(&arena, c->n, c->edges, c->m);
    const unsigned char *unsure = unsure_of(&g, c);
    unsigned char *reached = reach_find(&arena, &g, unsure, c->root);
    CLAIM(reach_is_valid(&g, unsure, c->root, reached), seed);
    return reached;
}

static unsigned char raised(unsigned char now, unsigned char to, bool *moved)
{
    if (to <= now)
        return now;
    *moved = true;
    return to;
}

/* Edge by edge until nothing moves: the words of reach.h. */
static void slow_reach(const struct sketch *c, unsigned char *reached)
{
    bool moved = true;
    memcpy(reached, c->root, c->n);
    while (moved) {
        moved = false;
        for (uint32_t i = 0; i < c->m; i++) {
            const unsigned char from = reached[c->edges[i].from];
            unsigned char *to = &reached[c->edges[i].to];
            if (from == REACHED_SURELY && !c->unsure[i])
                *to = raised(*to, REACHED_SURELY, &moved);
            if (from != REACHED_NOT)
                *to = raised(*to, REACHED_PERHAPS, &moved);
        }
    }
}

START_TEST(it_is_the_fixpoint_of_its_rules)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        unsigned char slow[NODES];
        const struct sketch c = any_sketch(seed);
        const unsigned char *reached = reached_in(&c, seed);
        slow_reach(&c, slow);
        CLAIM(memcmp(reached, slow, c.n) == 0, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

static void must_only_raise(const struct sketch *before,
                            const struct sketch *after, uint64_t seed)
{
    const unsigned char *low = reached_in(before, seed);
    const unsigned char *high = reached_in(after, seed);
    for (uint32_t v = 0; v < before->n; v++)
        CLAIM(low[v] <= high[v], seed);
    release_now_and_then(&arena, seed);
}

START_TEST(another_root_only_raises)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct sketch before = any_sketch(seed);
        struct sketch after = before;
        unsigned char *root = &after.root[seed % before.n];
        *root = *root == REACHED_NOT ? REACHED_PERHAPS : REACHED_SURELY;
        must_only_raise(&before, &after, seed);
    }
}
END_TEST

START_TEST(an_edge_that_becomes_sure_only_raises)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct sketch before = any_sketch(seed);
        struct sketch after = before;
        if (before.m > 0)
            after.unsure[seed % before.m] = 0;
        must_only_raise(&before, &after, seed);
    }
}
END_TEST

/* Neither the order of edges nor that of nodes says anything. */
START_TEST(names_and_order_do_not_matter)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct sketch c = any_sketch(seed);
        struct sketch turned = {.n = c.n, .m = c.m};
        for (uint32_t i = 0; i < c.m; i++) {
            const struct edge e = c.edges[c.m - 1 - i];
            turned.edges[i] = (struct edge){c.n - 1 - e.from, c.n - 1 - e.to};
            turned.unsure[i] = c.unsure[c.m - 1 - i];
        }
        for (uint32_t v = 0; v < c.n; v++)
            turned.root[v] = c.root[c.n - 1 - v];
        const unsigned char *one = reached_in(&c, seed);
        const unsigned char *other = reached_in(&turned, seed);
        for (uint32_t v = 0; v < c.n; v++)
            CLAIM(one[v] == other[c.n - 1 - v], seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(without_unsure_edges_only_roots_make_possible)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sketch c = any_sketch(seed);
        memset(c.unsure, 0, sizeof c.unsure);
        const struct graph g = graph_build(&arena, c.n, c.edges, c.m);
        const unsigned char *all = reach_find(&arena, &g, NULL, c.root);
        CLAIM(reach_is_valid(&g, NULL, c.root, all), seed);
        CLAIM(memcmp(all, reached_in(&c, seed), c.n) == 0, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

/* Sure up to the unsure edge in the middle, and not beyond. */
START_TEST(a_list_of_a_million_is_reached_to_its_end)
{
    enum { N = 1000000 };
    struct edge *edges = ARENA_ARRAY(&arena, N, struct edge);
    unsigned char *unsure = ARENA_ARRAY(&arena, N, unsigned char);
    unsigned char *root = ARENA_ARRAY(&arena, N, unsigned char);
    for (uint32_t i = 0; i < N; i++)
        edges[i] = (struct edge){i, (i + 1) % N};
    root[1] = REACHED_SURELY;
    unsure[N / 2] = 1;
    const struct graph g = graph_build(&arena, N, edges, N);
    const unsigned char *reached = reach_find(&arena, &g, unsure, root);

    ck_assert(reach_is_valid(&g, unsure, root, reached));
    for (uint32_t i = 0; i < N; i++)
        CLAIM(reached[i] == (i >= 1 && i <= N / 2 ? 2 : 1), i);
}
END_TEST

START_TEST(a_ring_that_no_root_reaches_is_lost)
{
    static const struct edge edges[] = {{0, 1}, {1, 2}, {2, 1}, {2, 2}, {1, 0}};
    static const unsigned char root[3];
    const struct graph g = graph_build(&arena, 3, edges, 5);
    const unsigned char *reached = reach_find(&arena, &g, NULL, root);

    ck_assert_mem_eq(reached, root, 3);
}
END_TEST

START_TEST(no_nodes_are_no_trouble)
{
    const struct graph g = graph_build(&arena, 0, NULL, 0);
    const unsigned char none = 0;
    ck_assert(
        reach_is_valid(&g, NULL, &none, reach_find(&arena, &g, NULL, &none)));
}
END_TEST

START_TEST(what_is_too_low_or_too_high_is_not_valid)
{
    static const struct edge edges[] = {{0, 1}, {1, 2}, {3, 3}};
    static const unsigned char unsure[] = {0, 1, 0};
    static const unsigned char root[] = {2, 0, 0, 0};
    static const unsigned char right[] = {2, 2, 1, 0};
    const struct graph g = graph_build(&arena, 4, edges, 3);
    ck_assert(reach_is_valid(&g, unsure, root, right));
    for (uint32_t v = 0; v < 4; v++)
        for (unsigned char how = 0; how <= 2; how++) {
            unsigned char wrong[4];
            memcpy(wrong, right, sizeof wrong);
            wrong[v] = how;
            ck_assert(reach_is_valid(&g, unsure, root, wrong) ==
                      (how == right[v]));
        }
}
END_TEST

Suite *reach_suite(void);

Suite *reach_suite(void)
{
    Suite *s = suite_create("reach");
    TCase *c = tcase_create("graphs");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, NULL, release);
    tcase_add_test(c, it_is_the_fixpoint_of_its_rules);
    tcase_add_test(c, another_root_only_raises);
    tcase_add_test(c, an_edge_that_becomes_sure_only_raises);
    tcase_add_test(c, names_and_order_do_not_matter);
    tcase_add_test(c, without_unsure_edges_only_roots_make_possible);
    tcase_add_test(c, a_list_of_a_million_is_reached_to_its_end);
    tcase_add_test(c, a_ring_that_no_root_reaches_is_lost);
    tcase_add_test(c, no_nodes_are_no_trouble);
    tcase_add_test(c, what_is_too_low_or_too_high_is_not_valid);
    suite_add_tcase(s, c);
    return s;
}
