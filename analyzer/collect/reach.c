/* SPDX-License-Identifier: MIT */
#include "collect/reach.h"

#include <stdlib.h>
#include <string.h>

/* What an edge hands on. */
static enum reached over(enum reached from, bool unsure)
{
    return unsure && from == REACHED_SURELY ? REACHED_PERHAPS : from;
}

struct flood {
    const struct graph *g;
    const unsigned char *unsure;
    unsigned char *reached;
    uint32_t n;
    uint32_t *queue; /* each node at most once */
};

static void enter(struct flood *f, uint32_t v, enum reached how)
{
    f->reached[v] = (unsigned char)how;
    f->queue[f->n++] = v;
}

static void enter_roots(struct flood *f, const unsigned char *root,
                        enum reached how)
{
    for (uint32_t v = 0; v < f->g->n; v++)
        if (root[v] == how && f->reached[v] == REACHED_NOT)
            enter(f, v, how);
}

/* From all that is in the queue to what is not in it. */
static void spread(struct flood *f, enum reached how)
{
    const struct graph *g = f->g;
    for (uint32_t i = 0; i < f->n; i++) {
        const uint32_t u = f->queue[i];
        for (uint32_t k = g->first[u]; k < g->first[u + 1]; k++)
            if (f->reached[g->to[k]] == REACHED_NOT &&
                (how == REACHED_PERHAPS || !f->unsure || !f->unsure[k]))
                enter(f, g->to[k], how);
    }
}

/* First what is sure, then all the rest: that begins with the unsure words of
   what is sure. So no node is raised that was reached before. */
unsigned char *reach_find(struct arena *a, const struct graph *g,
                          const unsigned char *unsure,
                          const unsigned char *root)
{
    struct flood f = {
        .g = g,
        .unsure = unsure,
        .reached = ARENA_ARRAY(a, g->n, unsigned char),
        .queue = must_calloc(g->n, sizeof *f.queue),
    };
    enter_roots(&f, root, REACHED_SURELY);
    spread(&f, REACHED_SURELY);
    enter_roots(&f, root, REACHED_PERHAPS);
    spread(&f, REACHED_PERHAPS);
    free(f.queue);
    return f.reached;
}

/* Every node is exactly what the surest of its roots and edges says. */
bool reach_is_valid(const struct graph *g, const unsigned char *unsure,
                    const unsigned char *root, const unsigned char *reached)
{
    unsigned char *said = must_calloc(g->n, 1);
    if (g->n > 0)
        memcpy(said, root, g->n);
    for (uint32_t u = 0; u < g->n; u++)
        for (uint32_t k = g->first[u]; k < g->first[u + 1]; k++) {
            const unsigned char how = over(reached[u], unsure && unsure[k]);
            if (g->to[k] != u && how > said[g->to[k]])
                said[g->to[k]] = how;
        }
    const bool valid = memcmp(said, reached, g->n) == 0;
    free(said);
    return valid;
}
