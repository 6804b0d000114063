/* SPDX-License-Identifier: MIT */
#include "collect/collect.h"

#include <stdlib.h>
#include <string.h>

/* What no edge from a candidate explains; multiplicity counts. Counts come from
   a file, so they may be anything: they wrap. What is no candidate is counted
   too: to ask at each edge would take longer than to forget it. */
static void subtract(const struct graph *g, const unsigned char *candidate,
                     int64_t *ext)
{
    for (uint32_t v = 0; v < g->n; v++) {
        if (!candidate[v])
            continue;
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
            ext[g->to[i]] = (int64_t)((uint64_t)ext[g->to[i]] - 1);
    }
}

/*
 * Takes out of `in` what is alive: everything with ext != 0, and what that
 * reaches inside the candidates. A negative ext is alive too: it says that the
 * announcements are wrong, and a wrong number must not accuse anyone.
 */
static void flood(const struct graph *g, const int64_t *ext, unsigned char *in)
{
    uint32_t *queue = must_calloc(g->n, sizeof *queue);
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++)
        if (in[v] && ext[v] != 0) {
            in[v] = 0;
            queue[n++] = v;
        }
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t v = queue[at];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t w = g->to[i];
            if (in[w]) {
                in[w] = 0;
                queue[n++] = w;
            }
        }
    }
    free(queue);
}

struct unreachable collect(struct arena *a, const struct graph *g,
                           const int64_t *rc, const unsigned char *candidate)
{
    struct unreachable u = {
        .in = ARENA_ARRAY(a, g->n, unsigned char),
        .ext = ARENA_ARRAY(a, g->n, int64_t),
    };
    for (uint32_t v = 0; v < g->n; v++) {
        u.in[v] = !candidate || candidate[v];
        u.ext[v] = u.in[v] ? rc[v] : 0;
    }
    subtract(g, u.in, u.ext);
    flood(g, u.ext, u.in);
    for (uint32_t v = 0; v < g->n; v++) {
        u.n += u.in[v];
        if (candidate && !candidate[v])
            u.ext[v] = 0;
    }
    return u;
}
