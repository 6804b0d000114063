/* SPDX-License-Identifier: MIT */
#include "explain/object_graph.h"

#include <assert.h>

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

/* The shadow keeps links by owner, those of roots last: they are rows. */
static void build_graph(struct object_graph *o, struct arena *a)
{
    const struct shadow *s = o->shadow;
    uint32_t m = 0;
    o->g = (struct graph){
        .n = s->n_objects,
        .first = ARENA_ARRAY(a, (size_t)s->n_objects + 1, uint32_t),
        .to = ARENA_ARRAY(a, s->n_links, uint32_t),
    };
    for (uint32_t i = 0; i < s->n_links; i++) {
        const struct link *k = &s->links[i];
        o->owned[k->target]++;
        if (k->owner == OURO_NONE)
            continue;
        o->g.to[m++] = k->target;
        o->g.first[k->owner + 1] = m;
    }
    for (uint32_t v = 0; v < o->g.n; v++)
        if (o->g.first[v + 1] < o->g.first[v])
            o->g.first[v + 1] = o->g.first[v]; /* it holds nothing */
    assert(graph_is_valid(&o->g));
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
    return &o->shadow->links[i];
}
