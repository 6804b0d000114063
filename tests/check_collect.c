/* SPDX-License-Identifier: MIT */
/* check_collect.c - what is called unreachable is exactly what is */
#include "wrong_models.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;

static void release(void)
{
    arena_release(&arena);
}

static uint32_t collected(const struct random_graph *r)
{
    const struct graph g = graph_build(&arena, r->n, r->edges, r->m);
    const struct unreachable u = collect(&arena, &g, r->rc, r->candidate);
    const uint32_t set = set_of(u.in, r->n);
    CLAIM((uint32_t)__builtin_popcount(set) == u.n, set);
    return set;
}

/* One kind of graph for each value of _i. */
START_TEST(the_set_is_the_largest_that_only_holds_itself)
{
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        const struct random_graph r = random_graph(seed, (enum random_kind)_i);
        const uint32_t want = brute_unreachable(&r);
        const uint32_t got = collected(&r);
        CLAIM(got == want, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

static const struct {
    const char *mistake;
    uint32_t (*model)(const struct random_graph *);
    enum random_kind kind;
} wrong[] = {
    {"multiplicity ignored", ignore_multiplicity, RANDOM_SOUND},
    {"generations ignored", ignore_generations, RANDOM_PART},
    {"negative ext clamped", clamp_at_zero, RANDOM_NEGATIVE},
    {"components judged alone", judge_alone, RANDOM_SOUND},
};

START_TEST(random_graphs_tell_each_wrong_model_from_the_truth)
{
    uint32_t differ = 0;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        const struct random_graph r = random_graph(seed, wrong[_i].kind);
        if (wrong[_i].model(&r) != brute_unreachable(&r))
            differ++;
    }
    ck_assert_msg(differ >= 50, "%s: only %u of 1500", wrong[_i].mistake,
                  differ);
}
END_TEST

START_TEST(a_ring_that_hangs_on_a_dead_object_is_unreachable)
{
    const struct edge edges[] = {{0, 1}, {1, 2}, {2, 1}};
    const int64_t rc[] = {0, 2, 1};
    const struct graph g = graph_build(&arena, 3, edges, 3);
    const struct unreachable u = collect(&arena, &g, rc, NULL);

    ck_assert_uint_eq(u.n, 3);
    ck_assert_int_eq(u.ext[1], 0);
}
END_TEST

START_TEST(more_edges_than_counts_is_alive)
{
    const struct edge edges[] = {{0, 1}, {1, 0}, {1, 0}};
    const int64_t rc[] = {1, 1};
    const struct graph g = graph_build(&arena, 2, edges, 3);
    const struct unreachable u = collect(&arena, &g, rc, NULL);

    ck_assert_uint_eq(u.n, 0);
    ck_assert_int_eq(u.ext[0], -1);
}
END_TEST

START_TEST(what_is_no_candidate_is_neither_judged_nor_subtracted)
{
    const struct edge edges[] = {{0, 1}, {1, 0}, {2, 1}, {1, 2}};
    const int64_t rc[] = {1, 2, 1};
    const unsigned char candidate[] = {1, 1, 0};
    const struct graph g = graph_build(&arena, 3, edges, 4);
    const struct unreachable u = collect(&arena, &g, rc, candidate);

    ck_assert_uint_eq(u.n, 0);
    ck_assert_int_eq(u.ext[1], 1);
    ck_assert_int_eq(u.ext[2], 0);
}
END_TEST

/* Lists of a million: dead, then alive from the head. */
START_TEST(a_list_of_a_million_needs_no_deep_stack)
{
    const uint32_t n = 1000000;
    struct edge *edges = ARENA_ARRAY(&arena, n, struct edge);
    int64_t *rc = ARENA_ARRAY(&arena, n, int64_t);
    for (uint32_t v = 0; v + 1 < n; v++) {
        edges[v] = (struct edge){v, v + 1};
        rc[v + 1] = 1;
    }
    const struct graph g = graph_build(&arena, n, edges, n - 1);

    ck_assert_uint_eq(collect(&arena, &g, rc, NULL).n, n);
    rc[0] = 1;
    ck_assert_uint_eq(collect(&arena, &g, rc, NULL).n, 0);
}
END_TEST

static void shuffle(uint64_t *state, uint32_t *numbers, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        numbers[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        const uint32_t j = random_below(state, i);
        const uint32_t kept = numbers[i - 1];
        numbers[i - 1] = numbers[j];
        numbers[j] = kept;
    }
}

START_TEST(names_and_order_do_not_matter)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        const struct random_graph r = random_graph(seed, RANDOM_NEGATIVE);
        uint64_t state = seed;
        uint32_t name[MAX_OBJECTS];
        uint32_t turn[MAX_EDGES];
        shuffle(&state, name, r.n);
        shuffle(&state, turn, r.m);
        struct random_graph other = {.n = r.n, .m = r.m};
        for (uint32_t i = 0; i < r.m; i++)
            other.edges[turn[i]] =
                (struct edge){name[r.edges[i].from], name[r.edges[i].to]};
        for (uint32_t v = 0; v < r.n; v++) {
            other.rc[name[v]] = r.rc[v];
            other.candidate[name[v]] = r.candidate[v];
        }

        const uint32_t before = collected(&r);
        const uint32_t after = collected(&other);
        for (uint32_t v = 0; v < r.n; v++)
            CLAIM((before >> v & 1) == (after >> name[v] & 1), seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

/* u -> v becomes u -> w -> v with a new w of count 1; back again is a merge. */
START_TEST(splitting_an_edge_changes_nothing_for_the_others)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct random_graph r = random_graph(seed, RANDOM_NEGATIVE);
        if (r.n == MAX_OBJECTS || r.m == 0 || r.m == MAX_EDGES)
            continue;
        const uint32_t whole = collected(&r);
        const uint32_t w = r.n++;
        r.rc[w] = 1;
        r.candidate[w] = 1;
        r.edges[r.m++] = (struct edge){w, r.edges[0].to};
        r.edges[0].to = w;

        const uint32_t split = collected(&r);
        CLAIM((split & ~(1u << w)) == whole, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(a_root_more_never_makes_more_unreachable)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const uint32_t before = collected(&r);
        r.rc[seed % r.n]++;
        const uint32_t after = collected(&r);
        CLAIM((after & ~before) == 0, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

START_TEST(fewer_candidates_never_make_more_unreachable)
{
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct random_graph r = random_graph(seed, RANDOM_SOUND);
        const uint32_t all = collected(&r);
        r.candidate[seed % r.n] = 0;
        const uint32_t some = collected(&r);
        CLAIM((some & ~all) == 0, seed);
        release_now_and_then(&arena, seed);
    }
}
END_TEST

static TCase *truths(void)
{
    TCase *t = tcase_create("truth");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, the_set_is_the_largest_that_only_holds_itself, 0,
                        N_RANDOM_KINDS);
    tcase_add_loop_test(t, random_graphs_tell_each_wrong_model_from_the_truth,
                        0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(t, a_ring_that_hangs_on_a_dead_object_is_unreachable);
    tcase_add_test(t, more_edges_than_counts_is_alive);
    tcase_add_test(t, what_is_no_candidate_is_neither_judged_nor_subtracted);
    tcase_add_test(t, a_list_of_a_million_needs_no_deep_stack);
    return t;
}

Suite *collect_suite(void);

Suite *collect_suite(void)
{
    Suite *s = suite_create("collect");
    suite_add_tcase(s, truths());
    TCase *t = tcase_create("changes");
    tcase_add_checked_fixture(t, NULL, release);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, names_and_order_do_not_matter);
    tcase_add_test(t, splitting_an_edge_changes_nothing_for_the_others);
    tcase_add_test(t, a_root_more_never_makes_more_unreachable);
    tcase_add_test(t, fewer_candidates_never_make_more_unreachable);
    suite_add_tcase(s, t);
    return s;
}
