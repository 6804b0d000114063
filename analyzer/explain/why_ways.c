/* SPDX-License-Identifier: MIT */
/*
 * The way to an object from what is held from outside; where there is none, the
 * garbage that leads to it, under the ids that its findings have in reports.
 */
#include "explain/why_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_STEPS = 12, /* of a way that is told whole */
    FIRST_STEPS = 8, /* else these, and the last ones */
    LAST_STEPS = 3,
    MOST_SOURCES = 1000,
};

static bool is_ring(const struct why_parts *p, uint32_t component)
{
    return p->q.o.k.ring[component];
}

/* A shortest way from the object back to itself, inside its component. */
static struct path way_round(struct why_parts *p, uint32_t v)
{
    const struct graph *g = &p->q.o.g;
    const struct components *k = &p->q.o.k;
    unsigned char *bytes = must_calloc((size_t)g->n * 2, 1);
    unsigned char *start = bytes, *inside = bytes + g->n;
    for (uint32_t at = k->first[k->of[v]]; at < k->first[k->of[v] + 1]; at++)
        inside[k->member[at]] = 1;
    for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
        start[g->to[i]] = 1;
    const struct path back = path_find(&p->q.scratch, g, start, inside, v);
    free(bytes);

    struct path round = {
        .n = back.n,
        .object = ARENA_ARRAY(&p->q.scratch, back.n, uint32_t),
        .edge = ARENA_ARRAY(&p->q.scratch, back.n, uint32_t),
    };
    if (back.n == 0)
        return round;
    uint32_t first = g->first[v];
    while (g->to[first] != back.object[0])
        first++;
    round.object[0] = v;
    round.edge[0] = first;
    for (uint32_t i = 1; i < back.n; i++) {
        round.object[i] = back.object[i - 1];
        round.edge[i] = back.edge[i - 1];
    }
    return round;
}

/* The cycle that the object is in; else the one where the way to it begins. */
static void find_cycle(struct why_parts *p)
{
    const struct components *k = &p->q.o.k;
    if (p->life.path.n == 0)
        return;
    uint32_t v = p->object;
    if (k->of[v] == UINT32_MAX || !is_ring(p, k->of[v]))
        v = p->life.path.object[0];
    if (k->of[v] != UINT32_MAX && is_ring(p, k->of[v]))
        p->cycle = way_round(p, v);
}

static uint32_t n_told(const struct why_parts *p)
{
    const uint32_t most = p->most < MOST_SOURCES ? p->most : MOST_SOURCES;
    return p->life.n_sources < most ? p->life.n_sources : most;
}

int why_ways_gather(struct why_parts *p, struct trace *parent, struct err *e)
{
    struct inquiry *q = &p->q;
    bool dated = false;
    p->life = lifeline_find(&q->scratch, &q->o, p->object);
    find_cycle(p);
    q->wanted = ARENA_ARRAY(&q->scratch, q->s->n_objects, unsigned char);
    for (uint32_t i = 0; i < n_told(p); i++) {
        const uint32_t c = p->life.sources[i];
        if (is_ring(p, c))
            continue;
        q->wanted[q->o.k.member[q->o.k.first[c]]] = 1;
        dated = true;
    }
    return dated ? history_build(&q->history, q->s, q->t, parent, q->wanted, e)
                 : 0;
}

void why_ways_ask(struct why_parts *p)
{
    struct inquiry *q = &p->q;
    for (uint32_t i = 0; i < n_told(p); i++) {
        const uint32_t c = p->life.sources[i];
        const uint32_t v = q->o.k.member[q->o.k.first[c]];
        if (is_ring(p, c)) {
            rings_ask_one(q, c);
            continue;
        }
        inquiry_ask(q, q->s->objects[v].stack);
        inquiry_ask(q, inquiry_lowering(q, v).stack);
    }
}

static struct why_source tell_source(struct why_parts *p, uint32_t component)
{
    struct inquiry *q = &p->q;
    struct why_source s = {
        .kind = is_ring(p, component) ? FINDING_CYCLE : FINDING_MISUSE,
        .inside = q->o.k.of[p->object] == component,
        .instances = 1,
    };
    if (is_ring(p, component))
        rings_identify_one(q, component, s.id);
    else
        zombies_identify(q, q->o.k.member[q->o.k.first[component]], s.id);
    return s;
}

static void tell_sources(struct why_parts *p)
{
    struct why *w = p->w;
    const uint32_t n = n_told(p);
    w->n_sources = p->life.n_sources;
    w->sources_left_out = w->n_sources - n;
    w->sources = ARENA_ARRAY(p->q.out, n, struct why_source);
    for (uint32_t i = 0; i < n; i++) {
        const struct why_source s = tell_source(p, p->life.sources[i]);
        uint32_t at = 0;
        while (at < w->n_sources_told && strcmp(w->sources[at].id, s.id) != 0)
            at++;
        if (at == w->n_sources_told)
            w->sources[w->n_sources_told++] = s;
        else
            w->sources[at].instances++;
    }
}

static struct why_step tell_step(const struct why_parts *p,
                                 const struct path *y, uint32_t i,
                                 uint32_t n_edges)
{
    struct why_step s = {.object = why_object_of(p, y->object[i]), .index = -1};
    if (i >= n_edges)
        return s;
    const struct link *k = object_graph_link(&p->q.o, y->edge[i]);
    s.field = why_field(p, k);
    s.index = k->index;
    return s;
}

static struct why_way tell_way(const struct why_parts *p, const struct path *y,
                               uint32_t n_edges)
{
    const bool whole = y->n <= MOST_STEPS || p->most == UINT32_MAX;
    const uint32_t first = whole ? y->n : FIRST_STEPS;
    const uint32_t last = whole ? 0 : LAST_STEPS;
    struct why_way way = {
        .steps = ARENA_ARRAY(p->q.out, first + last, struct why_step),
    };
    for (uint32_t i = 0; i < first; i++)
        way.steps[way.n++] = tell_step(p, y, i, n_edges);
    if (!whole)
        way.steps[way.n - 1].left_out = y->n - first - last;
    for (uint32_t i = y->n - last; i < y->n; i++)
        way.steps[way.n++] = tell_step(p, y, i, n_edges);
    return way;
}

void why_ways_tell(struct why_parts *p)
{
    struct why *w = p->w;
    w->anchor = p->life.anchor;
    tell_sources(p);
    if (p->life.path.n > 0)
        w->path = tell_way(p, &p->life.path, p->life.path.n - 1);
    w->cycle = tell_way(p, &p->cycle, p->cycle.n);
}
