/* SPDX-License-Identifier: MIT */
/*
 * In topological order, the nearest dominator of a component is the nearest
 * common ancestor of the components that point at it, in the tree built so far.
 *
 * Walking up parent by parent is quadratic on ladders, so every node also has a
 * jump pointer to an ancestor further up, at distances that form a skew-binary
 * number (Myers, "An applicative random-access stack", 1983). Nodes of equal
 * depth have jumps of equal length, so two nodes can climb together.
 */
#include "collect/dominators.h"

#include <stdlib.h>

#define NO_PARENT UINT32_MAX

struct tree {
    uint32_t *parent;
    uint32_t *depth, *jump; /* of nodes that stand in the tree */
};

/* Puts v into the tree, below parent[v]. */
static void plant(struct tree *t, uint32_t v)
{
    const uint32_t p = t->parent[v];
    const uint32_t j = t->jump[p];
    t->depth[v] = t->depth[p] + 1;
    if (t->depth[p] - t->depth[j] == t->depth[j] - t->depth[t->jump[j]])
        t->jump[v] = t->jump[j];
    else
        t->jump[v] = p;
}

/* The ancestor of v at that depth. */
static uint32_t climb(const struct tree *t, uint32_t v, uint32_t depth)
{
    while (t->depth[v] > depth)
        v = t->depth[t->jump[v]] >= depth ? t->jump[v] : t->parent[v];
    return v;
}

static uint32_t common_ancestor(const struct tree *t, uint32_t v, uint32_t w)
{
    if (t->depth[v] > t->depth[w])
        v = climb(t, v, t->depth[w]);
    else
        w = climb(t, w, t->depth[v]);
    while (v != w) {
        const bool far = t->jump[v] != t->jump[w];
        v = far ? t->jump[v] : t->parent[v];
        w = far ? t->jump[w] : t->parent[w];
    }
    return v;
}

/* Members lie scattered: asks in time for the rows that come next, and for what
   the first edge of each leads to. (Not inlined, gcc takes it for a function
   that does nothing, and leaves out the calls.) */
static inline __attribute__((always_inline)) void foresee(
    const struct graph *g, const struct components *k, uint32_t at)
{
    enum { FAR = 24, NEAR = 16, NEXT = 8 };
    if (at < FAR)
        return;
    __builtin_prefetch(&g->first[k->member[at - FAR]]);
    __builtin_prefetch(&g->to[g->first[k->member[at - NEAR]]]);
    const uint32_t v = k->member[at - NEXT];
    if (g->first[v] < g->first[v + 1])
        __builtin_prefetch(&k->of[g->to[g->first[v]]]);
}

/* c stands in the tree; what it points at is dominated by c, or by what c has
   in common with those that pointed at it before. */
static void pass_on(struct tree *t, const struct graph *g,
                    const struct components *k, uint32_t c)
{
    for (uint32_t at = k->first[c + 1]; at-- > k->first[c];) {
        const uint32_t v = k->member[at];
        foresee(g, k, at);
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t d = k->of[g->to[i]];
            if (d == c || d == UINT32_MAX)
                continue;
            if (t->parent[d] == NO_PARENT)
                t->parent[d] = c;
            else
                t->parent[d] = common_ancestor(t, t->parent[d], c);
        }
    }
}

struct dominators dominators_find(struct arena *a, const struct graph *g,
                                  const struct components *k)
{
    const size_t n = (size_t)k->n + 1;
    struct dominators d = {.root = k->n, .idom = ARENA_ARRAY(a, n, uint32_t)};
    uint32_t *scratch = must_calloc(n * 2, sizeof *scratch);
    struct tree t = {d.idom, scratch, scratch + n};
    for (uint32_t c = 0; c < k->n; c++)
        t.parent[c] = k->source[c] ? d.root : NO_PARENT;
    t.parent[d.root] = t.jump[d.root] = d.root;
    for (uint32_t c = k->n; c-- > 0;) {
        plant(&t, c);
        pass_on(&t, g, k, c);
    }
    free(scratch);
    return d;
}
