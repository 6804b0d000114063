/* SPDX-License-Identifier: MIT */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A reference between members, as an edge ought to tell it. */
struct fact {
    uint32_t from, to; /* members */
    const char *field;
    uint64_t count;
    double time;
};

struct cycle {
    struct proof *p;
    const struct finding *f;
    uint32_t component;
    uint32_t n_placed; /* members that have their position */
    struct arena texts;
    uint32_t n_facts, facts_room;
    struct fact *facts;
};

static int by_ends(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return strcmp(x->field, y->field);
}

/* Sorts them and adds up those that read the same. */
static uint32_t add_up(struct fact *facts, uint32_t n)
{
    uint32_t last = 0;
    if (n == 0)
        return 0;
    qsort(facts, n, sizeof *facts, by_ends);
    for (uint32_t i = 1; i < n; i++) {
        if (by_ends(&facts[last], &facts[i]) != 0) {
            facts[++last] = facts[i];
            continue;
        }
        facts[last].count += facts[i].count;
        if (facts[i].time > facts[last].time)
            facts[last].time = facts[i].time;
    }
    return last + 1;
}

static const char *field_of(struct cycle *c, const struct link *l)
{
    char text[32];
    if (l->field != 0)
        return c->p->t->strings.text[l->field];
    if (l->in_owned)
        return "[]";
    const int n = snprintf(text, sizeof text, "%+" PRId64, l->offset);
    return arena_text(&c->texts, text, (size_t)n);
}

static void find_facts(struct cycle *c)
{
    const struct proof *p = c->p;
    for (uint32_t m = 0; m < c->f->n_members; m++) {
        const uint32_t v = c->f->members[m].object;
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const struct link *l = &p->s->links[i];
            if (c->p->position[l->target] == OURO_NONE)
                continue;
            GROW(c->facts, c->n_facts, c->facts_room);
            c->facts[c->n_facts++] = (struct fact){
                .from = m,
                .to = c->p->position[l->target],
                .field = field_of(c, l),
                .count = 1,
                .time = trace_seconds(p->t, l->stamp),
            };
        }
    }
    c->n_facts = add_up(c->facts, c->n_facts);
}

static const char *name_member(const struct cycle *c, uint32_t member,
                               char text[OBJECT_NAME])
{
    return name_object(c->p, c->f->members[member].object, text);
}

/* rest: "is left out" */
static bool refute_edge(struct cycle *c, const struct fact *edge,
                        const char *rest)
{
    char from[OBJECT_NAME];
    char to[OBJECT_NAME];
    return refute(c->p, "finding %s: the edge '%.64s' from %s to %s %s",
                  c->f->id, edge->field, name_member(c, edge->from, from),
                  name_member(c, edge->to, to), rest);
}

static bool prove_edge(struct cycle *c, const struct fact *claim,
                       const struct fact *fact)
{
    char rest[80];
    if (claim->count != fact->count) {
        snprintf(rest, sizeof rest,
                 "is told %" PRIu64 " times, but is there %" PRIu64,
                 claim->count, fact->count);
        return refute_edge(c, claim, rest);
    }
    if (claim->time < fact->time || claim->time > fact->time)
        return refute_edge(c, claim, "was made at another time");
    return true;
}

static bool compare_edges(struct cycle *c, const struct fact *claims,
                          uint32_t n)
{
    for (uint32_t i = 0; i < n || i < c->n_facts; i++) {
        int order = i < n ? -1 : 1;
        if (i < n && i < c->n_facts)
            order = by_ends(&claims[i], &c->facts[i]);
        if (order < 0)
            return refute_edge(c, &claims[i], "does not exist");
        if (order > 0)
            return refute_edge(c, &c->facts[i], "is left out");
        if (!prove_edge(c, &claims[i], &c->facts[i]))
            return false;
    }
    return true;
}

static bool prove_edges(struct cycle *c)
{
    const struct finding *f = c->f;
    struct fact *claims = must_calloc(f->n_edges, sizeof *claims);
    bool holds = true;
    for (uint32_t i = 0; i < f->n_edges && holds; i++) {
        const struct finding_edge *e = &f->edges[i];
        claims[i] = (struct fact){e->from, e->to, e->field, e->count, e->time};
        if (e->from >= f->n_members || e->to >= f->n_members)
            holds = refute(c->p, "finding %s has an edge of no member", f->id);
    }
    find_facts(c);
    holds = holds && compare_edges(c, claims, add_up(claims, f->n_edges));
    free(claims);
    return holds;
}

/* How many references lead from a member back to it, at least. */
static uint32_t shortest_way(const struct cycle *c, uint32_t start)
{
    const struct proof *p = c->p;
    const uint32_t n = c->f->n_members;
    uint32_t *far = must_calloc(n, sizeof *far); /* + 1; 0: not met */
    uint32_t *todo = must_calloc(n, sizeof *todo);
    uint32_t n_todo = 1;
    uint32_t found = 0;
    far[start] = 1;
    todo[0] = start;
    for (uint32_t at = 0; at < n_todo && !found; at++) {
        const uint32_t m = todo[at];
        const uint32_t v = c->f->members[m].object;
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t to = c->p->position[p->s->links[i].target];
            if (to == start)
                found = far[m];
            if (to == OURO_NONE || far[to] != 0)
                continue;
            far[to] = far[m] + 1;
            todo[n_todo++] = to;
        }
    }
    free(far);
    free(todo);
    return found;
}

static bool prove_closing_edge(struct cycle *c)
{
    const struct finding *f = c->f;
    bool on_it = false;
    for (uint32_t i = 0; i < f->n_witness; i++) {
        on_it |= f->witness[i] == f->closing_edge;
        if (f->closing_edge >= f->n_edges ||
            f->edges[f->witness[i]].time > f->edges[f->closing_edge].time)
            return refute(c->p,
                          "finding %s: its closing edge is not the newest of "
                          "the way round",
                          f->id);
    }
    return on_it || refute(c->p,
                           "finding %s: its closing edge is not on the "
                           "way round",
                           f->id);
}

static bool prove_witness(struct cycle *c)
{
    const struct finding *f = c->f;
    if (f->n_witness == 0)
        return refute(c->p, "finding %s shows no way round", f->id);
    for (uint32_t i = 0; i < f->n_witness; i++) {
        const uint32_t next = f->witness[(i + 1) % f->n_witness];
        if (f->witness[i] >= f->n_edges || next >= f->n_edges)
            return refute(c->p,
                          "finding %s: its way round has an edge that does "
                          "not exist",
                          f->id);
        if (f->edges[f->witness[i]].to != f->edges[next].from)
            return refute(c->p, "finding %s: its way round is not closed",
                          f->id);
    }
    const uint32_t least = shortest_way(c, f->edges[f->witness[0]].from);
    if (least != f->n_witness)
        return refute(c->p,
                      "finding %s: its way round has %" PRIu32
                      " edges, but there is one of %" PRIu32,
                      f->id, f->n_witness, least);
    return prove_closing_edge(c);
}

static bool prove_members(struct cycle *c)
{
    const struct rings *r = &c->p->rings;
    const struct finding *f = c->f;
    char name[OBJECT_NAME];
    if (f->n_members == 0)
        return refute(c->p, "finding %s has no members", f->id);
    c->component = r->of[f->members[0].object];
    for (uint32_t m = 0; m < f->n_members; m++) {
        const uint32_t v = f->members[m].object;
        name_object(c->p, v, name);
        if (c->p->position[v] != OURO_NONE)
            return refute(c->p, "finding %s has %s twice", f->id, name);
        c->p->position[v] = m;
        c->n_placed++;
        if (!c->p->f->unreachable[v])
            return refute(c->p, "finding %s has a member %s that is reachable",
                          f->id, name);
        if (r->of[v] != c->component)
            return refute(c->p,
                          "finding %s: no way leads round through %s and its "
                          "first member",
                          f->id, name);
    }
    return true;
}

static bool prove_component(struct cycle *c)
{
    const struct rings *r = &c->p->rings;
    const struct finding *f = c->f;
    const uint32_t size = r->first[c->component + 1] - r->first[c->component];
    char name[OBJECT_NAME];
    if (size != f->n_members)
        return refute(c->p,
                      "finding %s has %" PRIu32 " members, but %" PRIu32
                      " objects are held round through them",
                      f->id, f->n_members, size);
    if (!r->closed[c->component])
        return refute(c->p, "finding %s is no cycle", f->id);
    if (r->into[c->component] > 0)
        return refute(c->p,
                      "finding %s is no source: %s, which is unreachable too, "
                      "holds a member",
                      f->id,
                      name_object(c->p, r->pointed_by[c->component], name));
    return true;
}

/* What several cycles under one fingerprint retain is proved in sum alone. */
static bool prove_retained(struct cycle *c)
{
    const struct finding *f = c->f;
    if (f->instances != 1)
        return true;
    const struct fallen g = count_fallen(c->p, c->component);
    uint64_t rings = 0;
    uint64_t objects = 0;
    for (uint32_t i = 0; i < f->n_held; i++) {
        rings += f->held[i].rings;
        objects += f->held[i].objects;
    }
    if (g.objects != f->retained_objects)
        return refute(
            c->p, "finding %s retains %" PRIu64 " objects, but says %" PRIu64,
            f->id, g.objects, f->retained_objects);
    if (g.rings != rings || g.ring_objects != objects)
        return refute(c->p,
                      "finding %s holds %" PRIu64 " cycles of %" PRIu64
                      " objects, but says %" PRIu64 " of %" PRIu64,
                      f->id, g.rings, g.ring_objects, rings, objects);
    return true;
}

/* Of how old a generation it is, and what a collector could not free. */
static bool prove_ages(struct cycle *c)
{
    const struct finding *f = c->f;
    uint64_t bound = 0;
    int oldest = -1;
    for (uint32_t m = 0; m < f->n_members; m++) {
        const uint32_t v = f->members[m].object;
        const int generation = c->p->s->objects[v].generation;
        oldest = generation > oldest ? generation : oldest;
        bound += c->p->bound[v];
    }
    if (f->generation != oldest)
        return refute(c->p, "finding %s is of generation %d, but says %d",
                      f->id, oldest, f->generation);
    if (f->uncollectable != bound)
        return refute(c->p,
                      "finding %s has %" PRIu64
                      " uncollectable members, but says %" PRIu64,
                      f->id, bound, f->uncollectable);
    return true;
}

bool prove_cycle(struct proof *p, const struct finding *f)
{
    struct cycle c = {.p = p, .f = f};
    const bool holds = prove_members(&c) && prove_component(&c) &&
                       prove_edges(&c) && prove_witness(&c) &&
                       prove_retained(&c) && prove_ages(&c) &&
                       prove_weaken(p, f, c.component);
    for (uint32_t m = 0; m < c.n_placed; m++)
        p->position[f->members[m].object] = OURO_NONE;
    free(c.facts);
    arena_release(&c.texts);
    return holds;
}
