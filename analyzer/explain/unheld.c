/* SPDX-License-Identifier: MIT */
#include "explain/unheld.h"

#include <stdlib.h>

static bool can_follow(const struct object_graph *o, uint32_t object)
{
    return o->rc[object] == o->owned[object] &&
           !object_is_excused(o->shadow, object);
}

unsigned char *unheld_find(struct arena *a, const struct object_graph *o)
{
    const struct graph *g = &o->g;
    unsigned char *in = ARENA_ARRAY(a, g->n, unsigned char);
    uint32_t *fallen = must_calloc(g->n, sizeof *fallen);
    uint32_t *stack = must_calloc(g->n, sizeof *stack);
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++)
        if (o->u.in[v]) {
            in[v] = 1;
            stack[n++] = v;
        }
    while (n > 0) {
        const uint32_t v = stack[--n];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t w = g->to[i];
            if (in[w] || ++fallen[w] != o->owned[w] || !can_follow(o, w))
                continue;
            in[w] = 1;
            stack[n++] = w;
        }
    }
    free(fallen);
    free(stack);
    return in;
}
