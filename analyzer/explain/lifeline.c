/* SPDX-License-Identifier: MIT */
#include "explain/lifeline.h"

#include <stdlib.h>

/* One byte for each object: does a root hold it? */
static unsigned char *find_rooted(const struct shadow *s)
{
    unsigned char *rooted = must_calloc(s->n_objects, 1);
    for (uint32_t i = 0; i < s->n_links; i++)
        if (s->links[i].owner == OURO_NONE)
            rooted[s->links[i].target] = 1;
    return rooted;
}

static enum anchor decree(const struct object_graph *o, uint32_t object)
{
    const struct object *k = &o->shadow->objects[object];
    if (k->flags & OBJECT_IMMORTAL)
        return ANCHOR_IMMORTAL;
    if (k->flags & OBJECT_FROZEN)
        return ANCHOR_FROZEN;
    if (!object_is_excused(o->shadow, object))
        return ANCHOR_NONE;
    const bool inherited =
        k->flags & OBJECT_INHERITED ||
        (k->block != OURO_NONE && o->shadow->blocks[k->block].inherited);
    return inherited ? ANCHOR_INHERITED : ANCHOR_IGNORED;
}

static enum anchor anchor_with(const struct object_graph *o, uint32_t object,
                               bool rooted)
{
    const int64_t owned = o->owned[object];
    if (o->u.in[object])
        return ANCHOR_NONE;
    if (rooted)
        return ANCHOR_ROOT;
    if (o->rc[object] > owned)
        return ANCHOR_COUNTS;
    const enum anchor by_decree = decree(o, object);
    if (by_decree == ANCHOR_NONE && o->rc[object] < owned)
        return ANCHOR_NEGATIVE;
    return by_decree;
}

enum anchor anchor_of(const struct object_graph *o, uint32_t object)
{
    const struct shadow *s = o->shadow;
    bool rooted = false;
    for (uint32_t i = 0; i < s->n_links && !rooted; i++)
        rooted = s->links[i].owner == OURO_NONE && s->links[i].target == object;
    return anchor_with(o, object, rooted);
}

/* Where ways to the object may begin. */
static struct path from_outside(struct arena *a, const struct object_graph *o,
                                uint32_t object)
{
    unsigned char *start = find_rooted(o->shadow);
    for (uint32_t v = 0; v < o->g.n; v++)
        start[v] = anchor_with(o, v, start[v]) != ANCHOR_NONE;
    const struct path p = path_find(a, &o->g, start, NULL, object);
    free(start);
    return p;
}

static bool is_source(const struct object_graph *o, uint32_t v)
{
    return o->u.in[v] && o->k.source[o->k.of[v]];
}

static void find_sources(struct lifeline *l, struct arena *a,
                         const struct object_graph *o,
                         const unsigned char *leads)
{
    unsigned char *met = must_calloc(o->k.n, 1);
    for (uint32_t v = 0; v < o->g.n; v++)
        if (leads[v] && is_source(o, v))
            met[o->k.of[v]] = 1;
    for (uint32_t c = 0; c < o->k.n; c++)
        l->n_sources += met[c];
    l->sources = ARENA_ARRAY(a, l->n_sources, uint32_t);
    uint32_t n = 0;
    for (uint32_t c = 0; c < o->k.n; c++)
        if (met[c])
            l->sources[n++] = c;
    free(met);
}

/* A leaf is judged by its holders. */
static bool is_unjudged(const struct object_graph *o, uint32_t v,
                        uint32_t object)
{
    return !o->candidate[v] &&
           (v != object || o->shadow->objects[v].flags & OBJECT_UNTRACKED);
}

/* From the sources; where there is none, from what is not judged. */
static struct path from_garbage(const struct lifeline *l, struct arena *a,
                                const struct object_graph *o,
                                const unsigned char *leads, uint32_t object)
{
    unsigned char *start = must_calloc(o->g.n, 1);
    for (uint32_t v = 0; v < o->g.n; v++)
        start[v] = leads[v] && (l->n_sources > 0 ? is_source(o, v)
                                                 : is_unjudged(o, v, object));
    const struct path p = path_find(a, &o->g, start, leads, object);
    free(start);
    return p;
}

struct lifeline lifeline_find(struct arena *a, const struct object_graph *o,
                              uint32_t object)
{
    struct lifeline l = {0};
    if (!o->u.in[object])
        l.path = from_outside(a, o, object);
    if (l.path.n > 0) {
        l.anchor = anchor_of(o, l.path.object[0]);
        return l;
    }
    const unsigned char *leads = path_sources(a, &o->g, object);
    find_sources(&l, a, o, leads);
    l.path = from_garbage(&l, a, o, leads, object);
    if (l.n_sources == 0 && l.path.n > 0)
        l.anchor = ANCHOR_UNJUDGED;
    return l;
}
