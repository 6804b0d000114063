/* SPDX-License-Identifier: MIT */
/*
 * Two walks: one along the references, which says in what order objects are
 * done with; one against them, from the last that was done with. What the
 * second reaches is one component. (Kosaraju, Sharir.)
 */
#include "verify/proof.h"

#include <stdlib.h>

struct walk {
    struct proof *p;
    const unsigned char *in;
    uint32_t *done; /* in the order in which they were */
    uint32_t n_done;
    uint32_t *next; /* the next reference to follow */
    uint32_t *trail;
    uint32_t *holder_first; /* who holds v: holder[holder_first[v]] and on */
    uint32_t *holder;
};

/* Everything that v leads to is done with before v is. */
static void follow(struct walk *w, unsigned char *met, uint32_t v)
{
    const struct proof *p = w->p;
    uint32_t n = 0;
    met[v] = 1;
    w->trail[n++] = v;
    while (n > 0) {
        const uint32_t at = w->trail[n - 1];
        if (w->next[at] == p->first[at + 1]) {
            w->done[w->n_done++] = at;
            n--;
            continue;
        }
        const uint32_t to = p->s->links[w->next[at]++].target;
        if (!w->in[to] || met[to])
            continue;
        met[to] = 1;
        w->trail[n++] = to;
    }
}

static void order_objects(struct walk *w)
{
    const uint32_t n = w->p->s->n_objects;
    unsigned char *met = must_calloc(n, 1);
    for (uint32_t v = 0; v < n; v++)
        w->next[v] = w->p->first[v];
    for (uint32_t v = 0; v < n; v++)
        if (w->in[v] && !met[v])
            follow(w, met, v);
    free(met);
}

static bool is_inside(const struct walk *w, const struct link *l)
{
    return l->owner != OURO_NONE && w->in[l->owner] && w->in[l->target];
}

static void list_holders(struct walk *w)
{
    const struct shadow *s = w->p->s;
    for (uint32_t i = 0; i < s->n_links; i++)
        if (is_inside(w, &s->links[i]))
            w->holder_first[s->links[i].target + 1]++;
    for (uint32_t v = 0; v < s->n_objects; v++) {
        w->holder_first[v + 1] += w->holder_first[v];
        w->next[v] = w->holder_first[v];
    }
    for (uint32_t i = 0; i < s->n_links; i++)
        if (is_inside(w, &s->links[i]))
            w->holder[w->next[s->links[i].target]++] = s->links[i].owner;
}

/* The component of v: the members at the end of the list. */
static void gather(struct walk *w, uint32_t v, uint32_t *n_members)
{
    struct rings *r = &w->p->rings;
    uint32_t at = *n_members;
    r->of[v] = r->n;
    r->member[(*n_members)++] = v;
    for (; at < *n_members; at++) {
        const uint32_t to = r->member[at];
        for (uint32_t i = w->holder_first[to]; i < w->holder_first[to + 1]; i++)
            if (r->of[w->holder[i]] == OURO_NONE) {
                r->of[w->holder[i]] = r->n;
                r->member[(*n_members)++] = w->holder[i];
            }
    }
    r->first[++r->n] = *n_members;
}

static void note_links(struct walk *w)
{
    struct rings *r = &w->p->rings;
    const struct shadow *s = w->p->s;
    for (uint32_t c = 0; c < r->n; c++)
        r->pointed_by[c] = OURO_NONE;
    for (uint32_t i = 0; i < s->n_links; i++) {
        const struct link *l = &s->links[i];
        if (!is_inside(w, l))
            continue;
        const uint32_t c = r->of[l->target];
        if (r->of[l->owner] == c) {
            r->closed[c] = 1;
            continue;
        }
        r->into[c]++;
        r->pointed_by[c] = l->owner;
    }
}

static void make_rings(struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    p->rings = (struct rings){
        .of = ARENA_ARRAY(&p->a, n, uint32_t),
        .first = ARENA_ARRAY(&p->a, (size_t)n + 1, uint32_t),
        .member = ARENA_ARRAY(&p->a, n, uint32_t),
        .into = ARENA_ARRAY(&p->a, n, uint64_t),
        .pointed_by = ARENA_ARRAY(&p->a, n, uint32_t),
        .closed = ARENA_ARRAY(&p->a, n, unsigned char),
    };
    for (uint32_t v = 0; v < n; v++)
        p->rings.of[v] = OURO_NONE;
}

void find_rings(struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    struct walk w = {
        .p = p,
        .in = p->f->unreachable,
        .done = must_calloc(n, sizeof *w.done),
        .next = must_calloc(n, sizeof *w.next),
        .trail = must_calloc(n, sizeof *w.trail),
        .holder_first = must_calloc((size_t)n + 1, sizeof *w.holder_first),
        .holder = must_calloc(p->s->n_links, sizeof *w.holder),
    };
    uint32_t n_members = 0;
    make_rings(p);
    order_objects(&w);
    list_holders(&w);
    while (w.n_done > 0) {
        const uint32_t v = w.done[--w.n_done];
        if (p->rings.of[v] == OURO_NONE)
            gather(&w, v, &n_members);
    }
    note_links(&w);
    free(w.done);
    free(w.next);
    free(w.trail);
    free(w.holder_first);
    free(w.holder);
}
