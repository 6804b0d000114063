/* SPDX-License-Identifier: MIT */
/*
 * What is said about a cycle: members, edges, a shortest way round, which edge
 * closed it and what orphaned it.
 */
#include "explain/weaken.h"

#include <stdlib.h>
#include <string.h>

struct story {
    struct inquiry *q;
    const struct cycle_group *g;
    uint32_t n_members;
    uint32_t *position; /* by place in the component: index among members */
    uint32_t n_links, links_room;
    uint32_t *links; /* inside, as edges in a row, newest first */
    uint32_t n_edges;
    struct finding_edge *edges;
    uint32_t *newest; /* by edge: its newest link */
};

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static const struct link *link_at(const struct story *y, uint32_t i)
{
    return &y->q->s->links[i];
}

static uint32_t position_of(const struct story *y, uint32_t object)
{
    return y->position[y->q->o.k.place[object]];
}

static int by_type(const void *a, const void *b, void *of)
{
    const struct inquiry *q = of;
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    const int c = strcmp(inquiry_text(q, q->s->objects[x].type),
                         inquiry_text(q, q->s->objects[y].type));
    return c ? c : compare(x, y);
}

/* By type, then birth: objects are numbered by birth. */
static void tell_members(struct story *y, struct finding *f)
{
    struct inquiry *q = y->q;
    const uint32_t first = q->o.k.first[y->g->component];
    const uint32_t n = y->n_members = q->o.k.size[y->g->component];
    uint32_t *order = must_calloc(n, sizeof *order);
    memcpy(order, q->o.k.member + first, n * sizeof *order);
    qsort_r(order, n, sizeof *order, by_type, q);

    y->position = must_calloc(n, sizeof *y->position);
    f->n_members = n;
    f->members = ARENA_ARRAY(q->out, n, struct finding_member);
    for (uint32_t i = 0; i < n; i++) {
        y->position[q->o.k.place[order[i]]] = i;
        f->members[i] = inquiry_member(q, order[i]);
    }
    free(order);
}

static void take_link(void *to, const struct link *k)
{
    struct story *y = to;
    GROW(y->links, y->n_links, y->links_room);
    y->links[y->n_links++] = (uint32_t)(k - y->q->s->links);
}

/* Zero where they are the same edge: same ends, same field. */
static int compare_edges(const struct story *y, const struct link *a,
                         const struct link *b)
{
    int c = compare(position_of(y, a->owner), position_of(y, b->owner));
    if (c == 0)
        c = compare(position_of(y, a->target), position_of(y, b->target));
    if (c == 0)
        c = strcmp(inquiry_text(y->q, a->field), inquiry_text(y->q, b->field));
    if (c == 0 && a->field == 0)
        c = compare(a->in_owned, b->in_owned);
    if (c == 0 && a->field == 0 && !a->in_owned)
        c = compare((uint64_t)a->offset, (uint64_t)b->offset);
    return c;
}

static int by_edge(const void *a, const void *b, void *of)
{
    const struct link *x = link_at(of, *(const uint32_t *)a);
    const struct link *z = link_at(of, *(const uint32_t *)b);
    const int c = compare_edges(of, x, z);
    return c ? c : compare(z->stamp, x->stamp);
}

static const char *field_of(struct inquiry *q, const struct link *k)
{
    char text[FIELD_TEXT];
    const char *field = inquiry_field(q, k, text);
    return field == text ? arena_text(q->out, text, strlen(text)) : field;
}

static void begin_edge(struct story *y, uint32_t link)
{
    const struct link *k = link_at(y, link);
    y->newest[y->n_edges] = link;
    y->edges[y->n_edges++] = (struct finding_edge){
        .from = position_of(y, k->owner),
        .to = position_of(y, k->target),
        .field = field_of(y->q, k),
        .time = trace_seconds(y->q->t, k->stamp),
        .stack = inquiry_places(y->q, k->stack),
    };
}

static void tell_edges(struct story *y, struct finding *f)
{
    rings_each_edge(y->q, y->g->component, take_link, y);
    qsort_r(y->links, y->n_links, sizeof *y->links, by_edge, y);
    y->edges = ARENA_ARRAY(y->q->out, y->n_links, struct finding_edge);
    y->newest = must_calloc(y->n_links, sizeof *y->newest);
    for (uint32_t i = 0; i < y->n_links; i++) {
        if (i == 0 || compare_edges(y, link_at(y, y->links[i - 1]),
                                    link_at(y, y->links[i])) != 0)
            begin_edge(y, y->links[i]);
        y->edges[y->n_edges - 1].count++;
    }
    f->n_edges = y->n_edges;
    f->edges = y->edges;
}

static uint32_t edge_of(const struct story *y, const struct link *k)
{
    uint32_t low = 0;
    uint32_t high = y->n_edges;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (compare_edges(y, link_at(y, y->newest[middle]), k) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The closing edge is the newest on the way round. */
static void tell_witness(struct story *y, struct finding *f)
{
    struct inquiry *q = y->q;
    const struct witness w =
        witness_find(&q->scratch, &q->o.g, &q->o.k, y->g->component);
    f->n_witness = w.n;
    f->witness = ARENA_ARRAY(q->out, w.n, uint32_t);
    uint64_t newest = 0;
    for (uint32_t i = 0; i < w.n; i++) {
        const uint32_t e = edge_of(y, object_graph_link(&q->o, w.edge[i]));
        f->witness[i] = e;
        const uint64_t stamp = link_at(y, y->newest[e])->stamp;
        if (i == 0 || stamp > newest) {
            newest = stamp;
            f->closing_edge = e;
        }
    }
}

static void tell_weaken(const struct story *y, struct finding *f)
{
    struct arena scratch = {0};
    const struct link **way =
        ARENA_ARRAY(&scratch, f->n_witness, const struct link *);
    for (uint32_t i = 0; i < f->n_witness; i++)
        way[i] = link_at(y, y->newest[f->witness[i]]);
    weaken_find(y->q, y->g, way, f->n_witness, f);
    arena_release(&scratch);
}

static void tell_times(struct inquiry *q, const struct cycle_group *g,
                       struct finding *f)
{
    const struct lowering *r = &g->released;
    if (r->known) {
        f->has_last_release = true;
        f->last_release_time = trace_seconds(q->t, r->stamp);
        f->last_release_stack = inquiry_places(q, r->stack);
    }
    const bool by_link = !r->known || g->linked.stamp > r->stamp;
    const struct lowering *last = by_link ? &g->linked : r;
    f->has_orphaned = last->known;
    f->orphaned_time = trace_seconds(q->t, last->stamp);
    f->orphaned_by = by_link ? "link" : "release";
    f->orphaned_stack = inquiry_places(q, last->stack);
}

static void tell_generation(const struct story *y, struct finding *f)
{
    const struct inquiry *q = y->q;
    for (uint32_t i = 0; i < f->n_members; i++) {
        const uint32_t v = f->members[i].object;
        const int generation = q->s->objects[v].generation;
        f->uncollectable += q->uncollectable[v];
        if (generation > f->generation)
            f->generation = generation;
    }
}

void cycles_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct cycle_group *g = &q->cycles[index];
    struct story y = {.q = q, .g = g};
    f->what = "reference cycle";
    f->evidence = "counted";
    f->shape = "ring";
    tell_members(&y, f);
    tell_generation(&y, f);
    tell_edges(&y, f);
    tell_witness(&y, f);
    tell_weaken(&y, f);
    tell_times(q, g, f);
    free(y.position);
    free(y.newest);
    free(y.links);
}
