/* SPDX-License-Identifier: MIT */
/*
 * wrong_models.h - four mistakes that look right
 *
 * Each takes a small graph and returns the set it would call unreachable. The
 * collector's tests must tell every one of them from the truth, or they prove
 * nothing.
 */
#ifndef TESTS_WRONG_MODELS_H
#define TESTS_WRONG_MODELS_H

#include "random_graph.h"

#include <string.h>

/* What is left of `s` after everything that `live` reaches inside it. */
static inline uint32_t flood_from(const struct random_graph *r, uint32_t s,
                                  uint32_t live)
{
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < r->m; i++) {
            const uint32_t from = 1u << r->edges[i].from;
            const uint32_t to = 1u << r->edges[i].to;
            if ((live & from) && (s & to) && !(live & to)) {
                live |= to;
                more = true;
            }
        }
    }
    return s & ~live;
}

static inline uint32_t repeated_before(const struct random_graph *r, uint32_t i)
{
    for (uint32_t j = 0; j < i; j++)
        if (memcmp(&r->edges[i], &r->edges[j], sizeof r->edges[i]) == 0)
            return 1;
    return 0;
}

/* A second reference from the same owner is not subtracted. */
static inline uint32_t ignore_multiplicity(const struct random_graph *r)
{
    const uint32_t s = set_of(r->candidate, r->n);
    int64_t ext[MAX_OBJECTS];
    memcpy(ext, r->rc, sizeof ext);
    for (uint32_t i = 0; i < r->m; i++)
        if ((s >> r->edges[i].from & 1) && !repeated_before(r, i))
            ext[r->edges[i].to]--;
    uint32_t live = 0;
    for (uint32_t v = 0; v < r->n; v++)
        if ((s >> v & 1) && ext[v] != 0)
            live |= 1u << v;
    return flood_from(r, s, live);
}

/* Looks at the whole heap, then reports the candidates among it. */
static inline uint32_t ignore_generations(const struct random_graph *r)
{
    struct random_graph whole = *r;
    memset(whole.candidate, 1, sizeof whole.candidate);
    return brute_unreachable(&whole) & set_of(r->candidate, r->n);
}

/* More edges than counts is taken for exactly as many. */
static inline uint32_t clamp_at_zero(const struct random_graph *r)
{
    const uint32_t s = set_of(r->candidate, r->n);
    int64_t ext[MAX_OBJECTS];
    memcpy(ext, r->rc, sizeof ext);
    for (uint32_t i = 0; i < r->m; i++)
        if ((s >> r->edges[i].from & 1) && ext[r->edges[i].to] > 0)
            ext[r->edges[i].to]--;
    uint32_t live = 0;
    for (uint32_t v = 0; v < r->n; v++)
        if ((s >> v & 1) && ext[v] > 0)
            live |= 1u << v;
    return flood_from(r, s, live);
}

static inline uint32_t component_of(const struct random_graph *r, uint32_t s,
                                    uint32_t v)
{
    const uint32_t from_v = s & ~flood_from(r, s, 1u << v);
    uint32_t same = 0;
    for (uint32_t w = 0; w < r->n; w++)
        if ((from_v >> w & 1) && !(flood_from(r, s, 1u << w) >> v & 1))
            same |= 1u << w;
    return same;
}

/* A component is garbage if all its counts come from inside itself. */
static inline uint32_t judge_alone(const struct random_graph *r)
{
    const uint32_t s = set_of(r->candidate, r->n);
    uint32_t garbage = 0;
    for (uint32_t v = 0; v < r->n; v++) {
        if (!(s >> v & 1))
            continue;
        const uint32_t c = component_of(r, s, v);
        int64_t support = 0;
        for (uint32_t w = 0; w < r->n; w++)
            if (c >> w & 1)
                support += r->rc[w];
        for (uint32_t i = 0; i < r->m; i++)
            if ((c >> r->edges[i].from & 1) && (c >> r->edges[i].to & 1))
                support--;
        if (support == 0)
            garbage |= c;
    }
    return garbage;
}

#endif
