/* SPDX-License-Identifier: MIT */
#include "collect/collect.h"
#include "collect/dominators.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX

struct retained retained_find(struct arena *a, const struct graph *g,
                              const struct components *k)
{
    struct retained r = {
        .objects = ARENA_ARRAY(a, k->n, uint32_t),
        .held_by = ARENA_ARRAY(a, g->n, uint32_t),
    };
    struct arena scratch = {0};
    const struct dominators d = dominators_find(&scratch, g, k);

    /* the ancestor just below the root; dominators have higher numbers */
    uint32_t *top = ARENA_ARRAY(&scratch, k->n, uint32_t);
    for (uint32_t c = k->n; c-- > 0;) {
        if (k->source[c])
            top[c] = c;
        else
            top[c] = d.idom[c] == d.root ? NOBODY : top[d.idom[c]];
        if (top[c] != NOBODY)
            r.objects[top[c]] += k->size[c];
    }
    for (uint32_t v = 0; v < g->n; v++)
        r.held_by[v] = k->of[v] == UINT32_MAX ? NOBODY : top[k->of[v]];
    arena_release(&scratch);
    return r;
}
