/* SPDX-License-Identifier: MIT */
#include "collect/reach.h"
#include "shadow/memory.h"

#include <stdlib.h>

static bool places_are_valid(const struct memory *m)
{
    for (uint32_t i = 1; i < m->n_blocks; i++)
        if (m->blocks[i - 1].addr > m->blocks[i].addr)
            return false;
    for (uint32_t i = 1; i < m->n_pages; i++)
        if (m->pages[i - 1].start + m->pages[i - 1].len > m->pages[i].start)
            return false;
    for (uint32_t i = 0; i < m->n_blocks; i++)
        if (m->now[i] != OURO_NONE && m->then[m->now[i]] != i)
            return false;
    return true;
}

/* No edge to itself, and none twice. */
static bool edges_are_valid(const struct graph *g)
{
    uint32_t *from = must_calloc(g->n, sizeof *from);
    bool ok = true;
    for (uint32_t v = 0; v < g->n && ok; v++)
        for (uint32_t i = g->first[v]; i < g->first[v + 1] && ok; i++) {
            ok = g->to[i] != v && from[g->to[i]] != v + 1;
            from[g->to[i]] = v + 1;
        }
    free(from);
    return ok;
}

static bool unseen_is_valid(const struct memory *m)
{
    for (uint32_t i = 0; i < m->n_blocks; i++)
        if (m->unseen[i] != 0 && (m->unseen[i] > m->snapshot->n_threads ||
                                  m->root[i] != REACHED_PERHAPS))
            return false;
    return true;
}

bool memory_is_valid(const struct memory *m)
{
    return m->g.n == m->n_blocks + m->n_pages && graph_is_valid(&m->g) &&
           edges_are_valid(&m->g) && places_are_valid(m) &&
           unseen_is_valid(m) &&
           reach_is_valid(&m->g, m->unsure, m->root, m->reached);
}
