/* SPDX-License-Identifier: MIT */
#include "explain/gc_end.h"

#include <stdlib.h>

unsigned char *gc_uncollectable(struct arena *a, const struct object_graph *o)
{
    const struct graph *g = &o->g;
    unsigned char *bad = ARENA_ARRAY(a, g->n, unsigned char);
    uint32_t *stack = must_calloc(g->n, sizeof *stack);
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++)
        if (o->u.in[v] && o->shadow->objects[v].flags & OBJECT_FINALIZER) {
            bad[v] = 1;
            stack[n++] = v;
        }
    while (n > 0) {
        const uint32_t v = stack[--n];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t w = g->to[i];
            if (!o->u.in[w] || bad[w])
                continue;
            bad[w] = 1;
            stack[n++] = w;
        }
    }
    free(stack);
    return bad;
}

static void count(struct gc_end *end, const struct object *k, bool unreachable,
                  bool uncollectable)
{
    end->frozen += k->generation == GC_PERMANENT;
    if (k->generation > GC_OLDEST)
        return;
    end->looked_at += !k->found;
    if (unreachable) {
        end->found += k->found;
        end->unreachable += !k->found;
        end->uncollectable += !k->found && uncollectable;
        return;
    }
    end->objects[k->generation]++;
    end->bytes[k->generation] += k->bytes;
}

struct gc_end gc_end_of(const struct object_graph *o)
{
    struct gc_end end = {0};
    struct arena scratch = {0};
    const unsigned char *bad = gc_uncollectable(&scratch, o);
    for (uint32_t v = 0; v < o->g.n; v++)
        count(&end, &o->shadow->objects[v], o->u.in[v], bad[v]);
    arena_release(&scratch);
    return end;
}
