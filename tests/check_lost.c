/* SPDX-License-Identifier: MIT */
/* check_lost.c - sources of what is lost, and what each retains, against the
   slow way: who reaches whom, pair by pair */
#include "collect/reach.h"
#include "explain/lost.h"
#include "random_graph.h"

#include <check.h>
#include <string.h>

enum { NODES = 9, EDGES = 16 };

static struct case_of_one {
    struct memory m;
    struct shadow s;
    struct block blocks[NODES];
    uint32_t same[NODES];
    unsigned char root[NODES], reached[NODES], unsure[EDGES], is_leak[NODES];
    bool way[NODES][NODES]; /* a path of one edge or more, inside a part */
    bool edge[NODES][NODES];
} k;

static void fix_point(void)
{
    const struct graph *g = &k.m.g;
    memcpy(k.reached, k.root, sizeof k.reached);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t v = 0; v < g->n; v++)
            for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
                const unsigned char is =
                    k.reached[v] == REACHED_SURELY && !k.unsure[i]
                        ? REACHED_SURELY
                    : k.reached[v] ? REACHED_PERHAPS
                                   : REACHED_NOT;
                again |= is > k.reached[g->to[i]];
                if (is > k.reached[g->to[i]])
                    k.reached[g->to[i]] = is;
            }
    }
}

static void make(uint64_t seed)
{
    uint64_t state = seed;
    struct edge edges[EDGES];
    memset(&k, 0, sizeof k);
    const uint32_t n = 1 + random_below(&state, NODES);
    const uint32_t m = random_below(&state, EDGES + 1);
    k.m.n_blocks = k.s.n_blocks = n - random_below(&state, 2) * (n > 1);
    k.m.n_pages = n - k.m.n_blocks;
    k.m.blocks = k.s.blocks = k.blocks;
    k.m.now = k.m.then = k.same;
    for (uint32_t v = 0; v < n; v++) {
        k.same[v] = v;
        k.blocks[v] = (struct block){
            .addr = 0x1000 * (uint64_t)(v + 1),
            .size = 1u << v,
            .stamp = random_below(&state, 3),
        };
        k.is_leak[v] = random_below(&state, 8) != 0;
        k.root[v] = random_below(&state, 4) == 0
                        ? 1 + (unsigned char)random_below(&state, 2)
                        : REACHED_NOT;
    }
    for (uint32_t i = 0; i < m; i++) {
        edges[i] =
            (struct edge){random_below(&state, n), random_below(&state, n)};
        k.unsure[i] = random_below(&state, 3) == 0;
    }
    k.m.g = graph_build(&k.m.arena, n, edges, m);
    k.m.unsure = k.unsure;
    fix_point();
    k.m.reached = k.reached;
}

static void find_ways(enum reached degree)
{
    const struct graph *g = &k.m.g;
    memset(k.way, 0, sizeof k.way);
    for (uint32_t v = 0; v < k.m.n_blocks; v++)
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
            k.way[v][g->to[i]] |= g->to[i] < k.m.n_blocks &&
                                  k.reached[v] == degree &&
                                  k.reached[g->to[i]] == degree;
    for (uint32_t b = 0; b < g->n; b++)
        for (uint32_t a = 0; a < g->n; a++)
            for (uint32_t c = 0; c < g->n; c++)
                k.way[a][c] |= k.way[a][b] && k.way[b][c];
}

static bool is_with(uint32_t a, uint32_t b)
{
    return a == b || (k.way[a][b] && k.way[b][a]);
}

static bool is_source(uint32_t v)
{
    for (uint32_t u = 0; u < k.m.g.n; u++)
        if (k.way[u][v] && !is_with(u, v))
            return false;
    return true;
}

/* Does v hold w, and no source but v's own? */
static bool retains(uint32_t v, uint32_t w)
{
    for (uint32_t u = 0; u < k.m.g.n; u++)
        if (k.way[u][w] && is_source(u) && !is_with(u, v))
            return false;
    return is_with(v, w) || k.way[v][w];
}

static uint32_t stands_for(uint32_t v)
{
    uint32_t first = OURO_NONE;
    for (uint32_t w = 0; w < k.m.n_blocks; w++)
        if (is_with(v, w) && k.is_leak[w] &&
            (first == OURO_NONE || k.blocks[w].stamp < k.blocks[first].stamp))
            first = w;
    return first;
}

static bool is_mixed(uint32_t v)
{
    for (uint32_t w = 0; w < k.m.n_blocks; w++)
        if (is_with(v, w) && !k.is_leak[w])
            return true;
    return false;
}

static uint32_t check_part(const struct lost_part *p, enum reached degree,
                           uint64_t seed)
{
    uint32_t n_retained = 0;
    find_ways(degree);
    for (uint32_t v = 0; v < k.m.g.n; v++) {
        const uint32_t c = p->k.of[v];
        CLAIM((c != UINT32_MAX) == (v < k.m.n_blocks && k.reached[v] == degree),
              seed);
        if (c == UINT32_MAX)
            continue;
        CLAIM(p->k.source[c] == is_source(v), seed);
        CLAIM(p->k.ring[c] == k.way[v][v], seed);
        CLAIM(p->mixed[c] == is_mixed(v), seed);
        CLAIM(p->first_block[c] == stands_for(v), seed);
        if (!is_source(v))
            continue;
        struct held held = {0};
        for (uint32_t w = 0; w < k.m.n_blocks; w++)
            if (k.reached[w] == degree && retains(v, w))
                held_add(&held, (struct held){0, 1, k.blocks[w].size});
        CLAIM(p->retained[c].blocks == held.blocks, seed);
        CLAIM(p->retained[c].bytes == held.bytes, seed);
        n_retained += held.blocks > 1;
    }
    return n_retained;
}

START_TEST(sources_and_what_they_retain_are_those_of_the_slow_way)
{
    uint32_t n = 0;
    const uint64_t n_rounds = trials(20000);
    for (uint64_t seed = 1; seed <= n_rounds; seed++) {
        make(seed);
        struct arena a = {0};
        const struct lost l = lost_find(&a, &k.m, &k.s, k.is_leak);
        n += check_part(&l.definite, REACHED_NOT, seed);
        n += check_part(&l.possible, REACHED_PERHAPS, seed);
        for (uint32_t v = 0; v < k.m.n_blocks; v++) {
            uint32_t c;
            const struct lost_part *p = lost_part_of(&l, v, &c);
            CLAIM((p == NULL) == (k.reached[v] == REACHED_SURELY), seed);
            CLAIM(!p || p->k.of[v] == c, seed);
        }
        arena_release(&a);
        arena_release(&k.m.arena);
    }
    ck_assert_uint_gt(n, trials(1000));
}
END_TEST

Suite *lost_suite(void);
Suite *lost_suite(void)
{
    Suite *s = suite_create("lost");
    TCase *c = tcase_create("lost");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, sources_and_what_they_retain_are_those_of_the_slow_way);
    suite_add_tcase(s, c);
    return s;
}
