/* SPDX-License-Identifier: MIT */
/*
 * Shares nothing with collect(): edges are counted at their targets in one
 * sweep over the sparse rows, and life spreads breadth first. It must stay so:
 * a mistake made in both places would certify itself.
 */
#include "collect/collect.h"

#include <stdlib.h>

struct judge {
    const struct graph *g;
    const int64_t *rc;
    const unsigned char *candidate, *in;
    uint64_t *owned;      /* edges from candidates, by target */
    unsigned char *alive; /* has a path from one with ext != 0 */
};

static bool is_candidate(const struct judge *j, uint32_t v)
{
    return !j->candidate || j->candidate[v];
}

/* False where a survivor has an edge to one that is called unreachable. */
static bool count_owners(struct judge *j)
{
    bool ok = true;
    for (uint32_t v = 0; v < j->g->n; v++) {
        if (!is_candidate(j, v))
            continue;
        for (uint32_t i = j->g->first[v]; i < j->g->first[v + 1]; i++) {
            const uint32_t w = j->g->to[i];
            j->owned[w]++;
            if (j->in[w] && !j->in[v])
                ok = false;
        }
    }
    return ok;
}

static bool is_explained(const struct judge *j, uint32_t v)
{
    return j->rc[v] >= 0 && (uint64_t)j->rc[v] == j->owned[v];
}

static const char *fault_of_members(const struct judge *j)
{
    for (uint32_t v = 0; v < j->g->n; v++) {
        if (!j->in[v])
            continue;
        if (!is_candidate(j, v))
            return "an object called unreachable is no candidate";
        if (!is_explained(j, v))
            return "an object called unreachable has another number of counts "
                   "than of edges";
    }
    return NULL;
}

static void spread_life(struct judge *j)
{
    uint32_t *queue = must_calloc(j->g->n, sizeof *queue);
    uint32_t n = 0;
    for (uint32_t v = 0; v < j->g->n; v++)
        if (is_candidate(j, v) && !is_explained(j, v)) {
            j->alive[v] = 1;
            queue[n++] = v;
        }
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t v = queue[at];
        for (uint32_t i = j->g->first[v]; i < j->g->first[v + 1]; i++) {
            const uint32_t w = j->g->to[i];
            if (!is_candidate(j, w) || j->alive[w])
                continue;
            j->alive[w] = 1;
            queue[n++] = w;
        }
    }
    free(queue);
}

static const char *fault_of_survivors(struct judge *j)
{
    spread_life(j);
    for (uint32_t v = 0; v < j->g->n; v++)
        if (is_candidate(j, v) && !j->in[v] && !j->alive[v])
            return "a survivor has no path from an object with a count that "
                   "no edge explains";
    return NULL;
}

static const char *find_fault(struct judge *j)
{
    const bool closed = count_owners(j);
    const char *fault = fault_of_members(j);
    if (!fault && !closed)
        fault = "a survivor has an edge to an object called unreachable";
    return fault ? fault : fault_of_survivors(j);
}

bool certificate_holds(const struct graph *g, const int64_t *rc,
                       const unsigned char *candidate, const unsigned char *in,
                       const char **why)
{
    struct judge j = {
        .g = g,
        .rc = rc,
        .candidate = candidate,
        .in = in,
        .owned = must_calloc(g->n, sizeof *j.owned),
        .alive = must_calloc(g->n, 1),
    };
    const char *fault = find_fault(&j);
    free(j.owned);
    free(j.alive);
    if (why)
        *why = fault;
    return !fault;
}
