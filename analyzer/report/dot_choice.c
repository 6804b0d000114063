/* SPDX-License-Identifier: MIT */
#include "report/dot_choice.h"

#include "collect/graph.h"

static bool is_inside(const struct finding *f, const struct finding_edge *e)
{
    return e->from < f->n_members && e->to < f->n_members;
}

static void turn_way(struct arena *a, const struct finding *f,
                     struct dot_choice *c)
{
    uint32_t n = 0;
    uint32_t first = 0;
    c->way = ARENA_ARRAY(a, f->n_witness + 1, uint32_t);
    for (uint32_t i = 0; i < f->n_witness; i++)
        if (f->witness[i] == f->closing_edge)
            first = i + 1;
    for (uint32_t i = 0; i < f->n_witness; i++) {
        const uint32_t e = f->witness[(first + i) % f->n_witness];
        if (e < f->n_edges && is_inside(f, &f->edges[e]))
            c->way[n++] = e;
    }
    c->n_way = n;
}

static void draw(struct dot_choice *c, uint32_t member)
{
    if (c->is_drawn[member])
        return;
    c->is_drawn[member] = true;
    c->drawn[c->n_drawn++] = member;
}

static void draw_way(const struct finding *f, struct dot_choice *c,
                     uint32_t most)
{
    const uint32_t n = c->n_way;
    const uint32_t tail = n > most ? most / 2 : 0;
    const uint32_t head = n > most ? most - tail : n;
    for (uint32_t i = 0; i < head; i++)
        draw(c, f->edges[c->way[i]].from);
    c->n_head = c->n_drawn;
    for (uint32_t i = n - tail; i < n; i++)
        draw(c, f->edges[c->way[i]].from);
    for (uint32_t i = head; i < n - tail; i++)
        c->is_on_way[f->edges[c->way[i]].from] = true;
    c->n_on_way = n - head - tail;
}

/* Who is next to whom, whichever of them holds the other. */
static struct graph neighbours(struct arena *a, const struct finding *f)
{
    uint32_t n = 0;
    struct edge *edges = ARENA_ARRAY(a, 2 * (size_t)f->n_edges, struct edge);
    for (uint32_t i = 0; i < f->n_edges; i++) {
        const struct finding_edge *e = &f->edges[i];
        if (!is_inside(f, e))
            continue;
        edges[n++] = (struct edge){e->from, e->to};
        edges[n++] = (struct edge){e->to, e->from};
    }
    return graph_build(a, f->n_members, edges, n);
}

/* Breadth first from what is drawn; then from whatever member is first. */
static void draw_neighbours(struct arena *a, const struct finding *f,
                            struct dot_choice *c, uint32_t most)
{
    uint32_t at = 0;
    uint32_t fresh = 0;
    const struct graph g = neighbours(a, f);
    while (c->n_drawn < most && fresh < f->n_members) {
        if (at == c->n_drawn) {
            draw(c, fresh++);
            continue;
        }
        const uint32_t v = c->drawn[at++];
        for (uint32_t i = g.first[v]; i < g.first[v + 1] && c->n_drawn < most;
             i++)
            draw(c, g.to[i]);
    }
}

struct dot_choice dot_choice_make(struct arena *a, const struct finding *f,
                                  uint32_t most)
{
    struct dot_choice c = {0};
    if (most == 0)
        most = 1;
    c.drawn = ARENA_ARRAY(a, f->n_members + 1, uint32_t);
    c.is_drawn = ARENA_ARRAY(a, f->n_members + 1, bool);
    c.is_on_way = ARENA_ARRAY(a, f->n_members + 1, bool);
    turn_way(a, f, &c);
    draw_way(f, &c, most);
    if (c.n_on_way == 0)
        draw_neighbours(a, f, &c, most);
    c.n_beside = f->n_members - c.n_drawn - c.n_on_way;
    return c;
}
