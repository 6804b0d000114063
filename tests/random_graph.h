/* SPDX-License-Identifier: MIT */
/*
 * random_graph.h - small graphs from a seed, and what is unreachable in them by
 * trying every subset (ALGORITHMS' definition, nothing of the collector's)
 *
 * A graph has at most 12 objects, so that a set of them is a number below 4096.
 */
#ifndef TESTS_RANDOM_GRAPH_H
#define TESTS_RANDOM_GRAPH_H

#include "collect/collect.h"

#include <check.h>
#include <stdlib.h>

/* For loops: each ck_assert costs a system call, also where it holds. `which`
   is the seed, or what else tells one round from the others. */
#define CLAIM(ok, which)                                                       \
    do {                                                                       \
        if (!(ok))                                                             \
            ck_abort_msg("%lu: not: %s", (unsigned long)(which), #ok);         \
    } while (0)

/* How many of n rounds to run, and of n things to find in them: all, or
   OURO_TRIALS percent where a run is slow (a sanitizer, an emulator). */
static inline uint64_t trials(uint64_t n)
{
    const char *percent = getenv("OURO_TRIALS");
    return percent ? n * strtoul(percent, NULL, 10) / 100 : n;
}

enum { MAX_OBJECTS = 12, MAX_EDGES = 48 };

struct random_graph {
    uint32_t n, m;
    struct edge edges[MAX_EDGES];
    int64_t rc[MAX_OBJECTS];
    unsigned char candidate[MAX_OBJECTS];
};

/* xorshift64*: the same numbers on every machine */
static inline uint32_t random_below(uint64_t *state, uint32_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 0x2545f4914f6cdd1du) >> 33) % below;
}

enum random_kind {
    RANDOM_SOUND,    /* no ext below zero, all are candidates */
    RANDOM_NEGATIVE, /* some ext are below zero */
    RANDOM_PART,     /* some are no candidates: an older generation */
    N_RANDOM_KINDS
};

static inline int64_t random_ext(uint64_t *state, enum random_kind kind)
{
    const uint32_t rare = random_below(state, 2) ? 4 : 12;
    if (random_below(state, rare) > 0)
        return 0;
    if (kind == RANDOM_NEGATIVE && random_below(state, 2))
        return -1 - (int64_t)random_below(state, 2);
    return 1 + (int64_t)random_below(state, 2);
}

static inline struct random_graph random_graph(uint64_t seed,
                                               enum random_kind kind)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    struct random_graph r = {.n = 1 + random_below(&state, MAX_OBJECTS)};
    const uint32_t most = 1 + random_below(&state, 4);
    r.m = random_below(&state, r.n * most + 1);
    for (uint32_t i = 0; i < r.m; i++) {
        r.edges[i].from = random_below(&state, r.n);
        r.edges[i].to = random_below(&state, r.n);
        r.rc[r.edges[i].to]++;
    }
    for (uint32_t v = 0; v < r.n; v++) {
        r.rc[v] += random_ext(&state, kind);
        r.candidate[v] = kind != RANDOM_PART || random_below(&state, 5) > 0;
    }
    return r;
}

/* An arena's first piece costs more than a small graph does. */
static inline void release_now_and_then(struct arena *a, uint64_t seed)
{
    if (seed % 256 == 0)
        arena_release(a);
}

static inline uint32_t set_of(const unsigned char *in, uint32_t n)
{
    uint32_t set = 0;
    for (uint32_t v = 0; v < n; v++)
        if (in[v])
            set |= 1u << v;
    return set;
}

/* Objects whose counts and edges from candidates agree; owners[v] is set. */
static inline uint32_t explained_set(const struct random_graph *r,
                                     uint32_t owners[MAX_OBJECTS])
{
    int64_t ext[MAX_OBJECTS] = {0};
    uint32_t explained = 0;
    for (uint32_t v = 0; v < r->n; v++) {
        ext[v] = r->rc[v];
        owners[v] = 0;
    }
    for (uint32_t i = 0; i < r->m; i++)
        if (r->candidate[r->edges[i].from]) {
            ext[r->edges[i].to]--;
            owners[r->edges[i].to] |= 1u << r->edges[i].from;
        }
    for (uint32_t v = 0; v < r->n; v++)
        if (r->candidate[v] && ext[v] == 0)
            explained |= 1u << v;
    return explained;
}

static inline bool is_closed(uint32_t set, const uint32_t *owners)
{
    for (uint32_t left = set; left; left &= left - 1)
        if (owners[__builtin_ctz(left)] & ~set)
            return false;
    return true;
}

/* The largest set of explained candidates with all their owners in it. */
static inline uint32_t brute_unreachable(const struct random_graph *r)
{
    uint32_t owners[MAX_OBJECTS];
    const uint32_t explained = explained_set(r, owners);
    uint32_t largest = 0;
    for (uint32_t x = explained;; x = (x - 1) & explained) {
        if (__builtin_popcount(x) > __builtin_popcount(largest) &&
            is_closed(x, owners))
            largest = x;
        if (x == 0)
            return largest;
    }
}

#endif
