/* SPDX-License-Identifier: MIT */
#include "explain/object_graph.h"

#include <stdlib.h>

bool object_is_excused(const struct shadow *s, uint32_t object)
{
    const struct object *k = &s->objects[object];
    if (k->flags & (OBJECT_IMMORTAL | OBJECT_IGNORED | OBJECT_INHERITED))
        return true;
    if (k->block == OURO_NONE)
        return false;
    return s->blocks[k->block].ignored || s->blocks[k->block].inherited;
}

static bool is_candidate(const struct shadow *s, uint32_t object)
{
    const uint32_t outside = OBJECT_LEAF | OBJECT_UNTRACKED | OBJECT_FROZEN;
    return !(s->objects[object].flags & outside) &&
           !object_is_excused(s, object);
}

static void build_graph(struct object_graph *o, struct arena *a)
{
    const struct shadow *s = o->shadow;
    struct edge *edges = must_calloc(s->n_links, sizeof *edges);
    o->link = ARENA_ARRAY(a, s->n_links, uint32_t);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n_links; i++) {
        const struct link *k = &s->links[i];
        o->owned[k->target]++;
        if (k->owner == OURO_NONE)
            continue;
        edges[n] = (struct edge){k->owner, k->target};
        o->link[n++] = i;
    }
    o->g = graph_build(a, s->n_objects, edges, n);
    free(edges);
}

int object_graph_make(struct object_graph *o, struct arena *a,
                      const struct shadow *s, struct err *e)
{
    *o = (struct object_graph){
        .shadow = s,
        .rc = ARENA_ARRAY(a, s->n_objects, int64_t),
        .owned = ARENA_ARRAY(a, s->n_objects, uint32_t),
        .candidate = ARENA_ARRAY(a, s->n_objects, unsigned char),
    };
    for (uint32_t v = 0; v < s->n_objects; v++) {
        o->rc[v] = s->objects[v].rc;
        o->candidate[v] = is_candidate(s, v);
    }
    build_graph(o, a);
    o->u = collect(a, &o->g, o->rc, o->candidate);
    const char *why;
    if (!certificate_holds(&o->g, o->rc, o->candidate, o->u.in, &why))
        return err_set(e,
                       "%s: internal error: the unreachable set is wrong (%s); "
                       "please report this and keep the recording",
                       s->trace->path, why);
    o->k = components_find(a, &o->g, o->u.in);
    o->r = retained_find(a, &o->g, &o->k);
    return 0;
}

const struct link *object_graph_link(const struct object_graph *o, uint32_t i)
{
    return &o->shadow->links[o->link[o->g.edge[i]]];
}
