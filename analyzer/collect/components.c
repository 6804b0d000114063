/* SPDX-License-Identifier: MIT */
/*
 * Tarjan's algorithm with its own stack: a linked list of a million objects is
 * an ordinary leak, and it must not cost us a million stack frames. Objects are
 * scattered, and every look at one is a cache miss: so all that is known of an
 * object is one number, of[], until its component is closed:
 *
 *   UINT32_MAX   outside
 *   NEW          not seen yet
 *   1 .. n_trail its place on the trail, from 1: its component is still open
 *   CLOSED - c   of component c
 *
 * An edge to an object that is open stays inside the component that both will
 * be of; one to an object that is closed leads to another component. Objects on
 * the trail and closed components together are no more than there are objects,
 * so the last two do not meet.
 */
#include "collect/collect.h"

#include <stdlib.h>

#define OUTSIDE UINT32_MAX
#define CLOSED  (UINT32_MAX - 1)
#define NOWHERE UINT32_MAX

enum { NEW = 0 };

/* An object between the start and here. */
struct step {
    uint32_t v;
    uint32_t next; /* the next edge to look at */
    uint32_t low;  /* the oldest place on the trail that an edge leads to, from
                      it or from what was found behind it, or NOWHERE */
};

struct search {
    const struct graph *g;
    struct components *k;
    uint32_t *trail; /* objects whose component is open, oldest first */
    struct step *path;
    uint32_t n_trail, n_path;
};

/* Asks in time for what the edges from v lead to. (Not inlined, gcc takes it
   for a function that does nothing, and leaves out the calls.) */
static inline __attribute__((always_inline)) void foresee(
    const struct search *s, uint32_t v)
{
    enum { FEW = 4 };
    const uint32_t first = s->g->first[v];
    const uint32_t n = s->g->first[v + 1] - first;
    for (uint32_t i = first; i < first + (n < FEW ? n : FEW); i++) {
        __builtin_prefetch(&s->k->of[s->g->to[i]]);
        __builtin_prefetch(&s->g->first[s->g->to[i]]);
    }
}

static void push(struct search *s, uint32_t v)
{
    s->trail[s->n_trail++] = v;
    s->k->of[v] = s->n_trail;
    s->path[s->n_path++] = (struct step){v, s->g->first[v], NOWHERE};
    foresee(s, v);
}

/* Everything on the trail from `place` on is one component. */
static void close_component(struct search *s, uint32_t place, bool ring)
{
    struct components *k = s->k;
    const uint32_t c = k->n++;
    uint32_t at = k->first[c];
    while (s->n_trail >= place) {
        const uint32_t v = s->trail[--s->n_trail];
        k->of[v] = CLOSED - c;
        k->member[at++] = v;
    }
    k->first[c + 1] = at;
    k->size[c] = at - k->first[c];
    k->ring[c] = ring;
    k->source[c] = s->n_path == 0; /* else the last step leads to it */
}

static void pop(struct search *s)
{
    const struct step done = s->path[--s->n_path];
    const uint32_t place = s->k->of[done.v];
    if (done.low >= place) {
        close_component(s, place, done.low == place);
        return;
    }
    struct step *parent = &s->path[s->n_path - 1];
    if (done.low < parent->low)
        parent->low = done.low;
}

static void search_from(struct search *s, uint32_t start)
{
    push(s, start);
    while (s->n_path > 0) {
        struct step *here = &s->path[s->n_path - 1];
        const uint32_t end = s->g->first[here->v + 1];
        if (here->next == end) {
            pop(s);
            continue;
        }
        const uint32_t w = s->g->to[here->next++];
        if (here->next < end) /* and for the row behind the next one */
            __builtin_prefetch(&s->g->to[s->g->first[s->g->to[here->next]]]);
        const uint32_t state = s->k->of[w];
        if (state == NEW)
            push(s, w);
        else if (state <= s->n_trail)
            here->low = state < here->low ? state : here->low;
        else if (state != OUTSIDE)
            s->k->source[CLOSED - state] = 0;
    }
}

/* The members of rings in order, by counting; and numbers for all. */
static void order_members(struct components *k, uint32_t n_objects)
{
    uint32_t *next = must_calloc(k->n, sizeof *next);
    for (uint32_t v = 0; v < n_objects; v++) {
        if (k->of[v] == OUTSIDE)
            continue;
        const uint32_t c = k->of[v] = CLOSED - k->of[v];
        if (!k->ring[c])
            continue;
        k->place[v] = next[c]++;
        k->member[k->first[c] + k->place[v]] = v;
    }
    free(next);
}

/* n_in objects: there are no more components than that. */
static struct components make_room(struct arena *a, uint32_t n_objects,
                                   uint32_t n_in)
{
    return (struct components){
        .of = ARENA_ARRAY(a, n_objects, uint32_t),
        .size = ARENA_ARRAY(a, n_in, uint32_t),
        .ring = ARENA_ARRAY(a, n_in, unsigned char),
        .source = ARENA_ARRAY(a, n_in, unsigned char),
        .first = ARENA_ARRAY(a, (size_t)n_in + 1, uint32_t),
        .member = ARENA_ARRAY(a, n_in, uint32_t),
        .place = ARENA_ARRAY(a, n_objects, uint32_t),
    };
}

struct components components_find(struct arena *a, const struct graph *g,
                                  const unsigned char *in)
{
    uint32_t n_in = 0;
    for (uint32_t v = 0; v < g->n; v++)
        n_in += !in || in[v];
    struct components k = make_room(a, g->n, n_in);
    for (uint32_t v = 0; v < g->n; v++)
        k.of[v] = !in || in[v] ? NEW : OUTSIDE;

    struct search s = {
        .g = g,
        .k = &k,
        .trail = must_calloc(n_in, sizeof *s.trail),
        .path = must_calloc(n_in, sizeof *s.path),
    };
    for (uint32_t v = 0; v < g->n; v++)
        if (k.of[v] == NEW)
            search_from(&s, v);
    free(s.trail);
    free(s.path);
    order_members(&k, g->n);
    return k;
}
