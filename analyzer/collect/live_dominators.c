/* SPDX-License-Identifier: MIT */
/*
 * Nodes get numbers as a depth-first walk meets them: 1, 2, ...; the virtual
 * root is 0. All else is by these numbers, so that what is close in the walk is
 * close in memory.
 */
#include "collect/live_dominators.h"

#include <stdlib.h>

#define NOT_MET UINT32_MAX
#define NONE    UINT32_MAX

struct search {
    const struct graph *g, *back;
    const unsigned char *root;
    uint32_t n;       /* numbers given, the root's included */
    uint32_t *number; /* by node */
    uint32_t *node;   /* by number: */
    uint32_t *parent; /* in the walk's tree */
    uint32_t *semi;   /* the semidominator */
    uint32_t *idom;
    uint32_t *ancestor; /* in the forest of what is linked, or NONE */
    uint32_t *label;    /* least semi on the way there */
    uint32_t *bucket, *next;
    uint32_t *trail; /* of a walk */
};

static void meet(struct search *s, uint32_t v, uint32_t parent)
{
    s->number[v] = s->n;
    s->node[s->n] = v;
    s->parent[s->n++] = parent;
}

/* From `v` on; at[] is how far each row on the trail was read. */
static void walk(struct search *s, uint32_t v, uint32_t *at)
{
    uint32_t n = 0;
    meet(s, v, 0);
    s->trail[n] = s->n - 1;
    at[n++] = s->g->first[v];
    while (n > 0) {
        const uint32_t from = s->trail[n - 1];
        const uint32_t end = s->g->first[s->node[from] + 1];
        while (at[n - 1] < end && s->number[s->g->to[at[n - 1]]] != NOT_MET)
            at[n - 1]++;
        if (at[n - 1] == end) {
            n--;
            continue;
        }
        const uint32_t w = s->g->to[at[n - 1]++];
        meet(s, w, from);
        s->trail[n] = s->n - 1;
        at[n++] = s->g->first[w];
    }
}

static void number_nodes(struct search *s)
{
    uint32_t *at = must_calloc((size_t)s->g->n + 1, sizeof *at);
    for (uint32_t v = 0; v < s->g->n; v++)
        s->number[v] = NOT_MET;
    s->n = 1;
    for (uint32_t v = 0; v < s->g->n; v++)
        if (s->root[v] && s->number[v] == NOT_MET)
            walk(s, v, at);
    free(at);
}

/* The least semi between x and the top of its tree, whose way up becomes
   short. */
static uint32_t least(struct search *s, uint32_t x)
{
    uint32_t n = 0;
    if (s->ancestor[x] == NONE)
        return x;
    for (uint32_t at = x; s->ancestor[s->ancestor[at]] != NONE;
         at = s->ancestor[at])
        s->trail[n++] = at;
    while (n > 0) {
        const uint32_t at = s->trail[--n];
        const uint32_t up = s->ancestor[at];
        if (s->semi[s->label[up]] < s->semi[s->label[at]])
            s->label[at] = s->label[up];
        s->ancestor[at] = s->ancestor[up];
    }
    return s->label[x];
}

static void find_semi(struct search *s, uint32_t w)
{
    const uint32_t v = s->node[w];
    if (s->root[v])
        s->semi[w] = 0;
    for (uint32_t i = s->back->first[v]; i < s->back->first[v + 1]; i++) {
        const uint32_t u = s->number[s->back->to[i]];
        if (u == NOT_MET)
            continue;
        const uint32_t semi = s->semi[least(s, u)];
        if (semi < s->semi[w])
            s->semi[w] = semi;
    }
}

/* Nodes whose semidominator is `p`, the parent of what was linked last. */
static void empty_bucket(struct search *s, uint32_t p)
{
    for (uint32_t v = s->bucket[p]; v != 0; v = s->next[v]) {
        const uint32_t u = least(s, v);
        s->idom[v] = s->semi[u] < s->semi[v] ? u : p;
    }
    s->bucket[p] = 0;
}

static void find_dominators(struct search *s)
{
    for (uint32_t w = 0; w < s->n; w++) {
        s->semi[w] = s->label[w] = w;
        s->ancestor[w] = NONE;
    }
    for (uint32_t w = s->n - 1; w > 0; w--) {
        find_semi(s, w);
        s->next[w] = s->bucket[s->semi[w]];
        s->bucket[s->semi[w]] = w;
        s->ancestor[w] = s->parent[w];
        empty_bucket(s, s->parent[w]);
    }
    for (uint32_t w = 1; w < s->n; w++)
        if (s->idom[w] != s->semi[w])
            s->idom[w] = s->idom[s->idom[w]];
}

static struct search begin(struct arena *a, const struct graph *g,
                           const struct graph *back, const unsigned char *root)
{
    const size_t n = (size_t)g->n + 1;
    return (struct search){
        .g = g,
        .back = back,
        .root = root,
        .number = ARENA_ARRAY(a, n, uint32_t),
        .node = ARENA_ARRAY(a, n, uint32_t),
        .parent = ARENA_ARRAY(a, n, uint32_t),
        .semi = ARENA_ARRAY(a, n, uint32_t),
        .idom = ARENA_ARRAY(a, n, uint32_t),
        .ancestor = ARENA_ARRAY(a, n, uint32_t),
        .label = ARENA_ARRAY(a, n, uint32_t),
        .bucket = ARENA_ARRAY(a, n, uint32_t),
        .next = ARENA_ARRAY(a, n, uint32_t),
        .trail = ARENA_ARRAY(a, n, uint32_t),
    };
}

struct live_dominators live_dominators_find(struct arena *a,
                                            const struct graph *g,
                                            const unsigned char *root)
{
    struct arena scratch = {0};
    const struct graph back = graph_reverse(&scratch, g);
    struct search s = begin(&scratch, g, &back, root);
    number_nodes(&s);
    find_dominators(&s);
    struct live_dominators d = {
        .idom = ARENA_ARRAY(a, g->n, uint32_t),
        .n = s.n - 1,
        .order = ARENA_ARRAY(a, s.n, uint32_t),
    };
    for (uint32_t v = 0; v < g->n; v++)
        d.idom[v] = UINT32_MAX;
    for (uint32_t w = 1; w < s.n; w++) {
        const uint32_t over = s.idom[w];
        d.idom[s.node[w]] = over == 0 ? g->n : s.node[over];
        d.order[w - 1] = s.node[w];
    }
    arena_release(&scratch);
    return d;
}
