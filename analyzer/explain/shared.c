/* SPDX-License-Identifier: MIT */
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static bool is_zombie(const struct inquiry *q, const struct draft *d)
{
    return d->kind == FINDING_MISUSE &&
           q->misuses.at[d->index].what == MISUSE_ZOMBIE;
}

static bool is_same(const struct draft *a, const struct draft *b)
{
    return strcmp(a->id, b->id) == 0;
}

/* Drafts of one id are one holder. `of_zombies`: by group of misuses. */
static uint32_t number_holders(struct inquiry *q, uint32_t *of_zombies)
{
    struct holders *h = &q->holders;
    const struct draft *last = NULL;
    uint32_t n = 0;
    h->id = arena_array(&q->scratch, q->n_drafts, sizeof *h->id);
    for (uint32_t i = 0; i < q->n_drafts; i++) {
        struct draft *d = &q->drafts[i];
        if (d->kind != FINDING_CYCLE && !is_zombie(q, d))
            continue;
        if (!last || !is_same(last, d))
            memcpy(h->id[n++], d->id, sizeof d->id);
        last = d;
        d->holder = n - 1;
        if (d->kind == FINDING_CYCLE)
            q->cycles[d->index].holder = n - 1;
        else
            of_zombies[d->index] = n - 1;
    }
    return n;
}

static void set_zombies(struct inquiry *q, const uint32_t *of_zombies)
{
    for (uint32_t i = 0; i < q->n_zombies; i++) {
        const struct zombie *z = &q->zombies[i];
        if (z->group == OURO_NONE)
            continue;
        q->holders.set[z->object] = of_zombies[z->group];
        q->holders.lone[z->object] = q->o.k.n + z->object;
    }
}

/* Who holds a source; nobody that is told, where no finding came of it. */
static uint32_t holder_of(void *to, uint32_t source)
{
    const struct inquiry *q = to;
    const struct components *k = &q->o.k;
    const uint32_t kind = q->rings.kind_of[source];
    if (kind != OURO_NONE)
        return q->cycles[q->rings.kind[kind].group].holder;
    const uint32_t zombie = q->holders.set[k->member[k->first[source]]];
    return zombie != OURO_NONE ? zombie : holder_sets_nobody(&q->holders.sets);
}

static void set_object(struct inquiry *q, uint32_t v, uint32_t set,
                       uint32_t lone)
{
    q->holders.set[v] = set;
    q->holders.lone[v] = lone;
}

static void set_components(struct inquiry *q)
{
    const struct components *k = &q->o.k;
    uint32_t *of =
        holder_flow(&q->holders.sets, &q->o.g, k, &q->o.r, holder_of, q);
    for (uint32_t c = 0; c < k->n; c++)
        for (uint32_t at = k->first[c]; at < k->first[c + 1]; at++)
            set_object(q, k->member[at], of[c], q->o.r.held_by[k->member[at]]);
    free(of);
}

/* Falls as soon as all its owners have. */
static bool can_fall(const struct inquiry *q, uint32_t v)
{
    return !q->o.u.in[v] && q->o.rc[v] == (int64_t)q->o.owned[v] &&
           !object_is_excused(q->s, v);
}

/* Beyond the unreachable set: what owners that are gone say of it. */
struct follower {
    uint32_t n_gone, set, lone;
};

/* One more of w's owners is gone: v. */
static void give_up(struct inquiry *q, struct follower *w, uint32_t v)
{
    const struct holders *h = &q->holders;
    if (w->n_gone++ == 0) {
        w->set = h->set[v];
        w->lone = h->lone[v];
        return;
    }
    w->set = holder_sets_unite(&q->holders.sets, w->set, h->set[v]);
    w->lone = w->lone == h->lone[v] ? w->lone : OURO_NONE;
}

/* Lets counts fall, beginning with all that has a set. */
static void set_what_follows(struct inquiry *q)
{
    const struct graph *g = &q->o.g;
    uint32_t *fallen = must_calloc(g->n, sizeof *fallen);
    struct follower *follower = must_calloc(g->n, sizeof *follower);
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++)
        if (q->holders.set[v] != OURO_NONE)
            fallen[n++] = v;
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t v = fallen[at];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t w = g->to[i];
            if (!can_fall(q, w))
                continue;
            give_up(q, &follower[w], v);
            if (follower[w].n_gone < q->o.owned[w])
                continue;
            set_object(q, w, follower[w].set, follower[w].lone);
            fallen[n++] = w;
        }
    }
    free(follower);
    free(fallen);
}

/* What each holder retains and each set shares. */
static void sum_up(struct inquiry *q)
{
    struct holders *h = &q->holders;
    const uint32_t n = h->sets.n_holders;
    h->retained = ARENA_ARRAY(&q->scratch, n, struct held);
    h->shared = ARENA_ARRAY(&q->scratch, h->sets.n, struct held);
    h->first = ARENA_ARRAY(&q->scratch, (size_t)n + 2, uint32_t);
    for (uint32_t v = 0; v < q->o.g.n; v++) {
        if (h->set[v] == OURO_NONE)
            continue;
        const bool retained = h->set[v] < n && h->lone[v] != OURO_NONE;
        held_add(retained ? &h->retained[h->set[v]] : &h->shared[h->set[v]],
                 inquiry_own(q, v));
        if (h->set[v] < n)
            h->first[h->set[v] + 2]++;
    }
    for (uint32_t i = 0; i <= n; i++)
        h->first[i + 1] += h->first[i];
    h->list = ARENA_ARRAY(&q->scratch, h->first[n + 1], uint32_t);
    for (uint32_t v = 0; v < q->o.g.n; v++)
        if (h->set[v] < n)
            h->list[h->first[h->set[v] + 1]++] = v;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_set(const void *a, const void *b, void *of)
{
    const struct inquiry *q = of;
    const struct held_ring *x = a;
    const struct held_ring *y = b;
    const int c = compare(x->set, y->set);
    return c ? c : strcmp(q->rings.kind[x->kind].id, q->rings.kind[y->kind].id);
}

/* Each id once within a set. */
static void merge_rings(struct inquiry *q)
{
    struct holders *h = &q->holders;
    uint32_t kept = 0;
    for (uint32_t i = 1; i < h->n_rings; i++) {
        if (by_set(&h->ring[kept], &h->ring[i], q) == 0) {
            h->ring[kept].rings++;
            h->ring[kept].objects += h->ring[i].objects;
        } else {
            h->ring[++kept] = h->ring[i];
        }
    }
    h->n_rings = h->n_rings > 0 ? kept + 1 : 0;
}

static void list_rings(struct inquiry *q)
{
    struct holders *h = &q->holders;
    const struct components *k = &q->o.k;
    for (uint32_t c = 0; c < k->n; c++) {
        if (!k->ring[c] || k->source[c])
            continue;
        GROW(h->ring, h->n_rings, h->rings_room);
        h->ring[h->n_rings++] = (struct held_ring){
            .set = h->set[k->member[k->first[c]]],
            .kind = q->rings.kind_of[c],
            .rings = 1,
            .objects = k->size[c],
        };
    }
    if (h->n_rings > 0)
        qsort_r(h->ring, h->n_rings, sizeof *h->ring, by_set, q);
    merge_rings(q);
    h->ring_first = ARENA_ARRAY(&q->scratch, (size_t)h->sets.n + 1, uint32_t);
    for (uint32_t i = 0; i < h->n_rings; i++)
        h->ring_first[h->ring[i].set + 1]++;
    for (uint32_t set = 0; set < h->sets.n; set++)
        h->ring_first[set + 1] += h->ring_first[set];
}

/* Calls back for each holder of each set that shares something. */
static void each_joint(struct holders *h,
                       void (*visit)(struct holders *h, uint32_t holder,
                                     uint32_t set))
{
    for (uint32_t set = 0; set < h->sets.n; set++) {
        const struct holder_set *s = &h->sets.at[set];
        if (h->shared[set].objects + h->shared[set].blocks == 0)
            continue;
        for (uint32_t i = 0; i < s->n; i++)
            visit(h, h->sets.members[s->first + i], set);
    }
}

static void count_joint(struct holders *h, uint32_t holder, uint32_t set)
{
    (void)set;
    h->joint_first[holder + 2]++;
}

static void add_joint(struct holders *h, uint32_t holder, uint32_t set)
{
    h->joint[h->joint_first[holder + 1]++] = set;
}

void holders_list_joint(struct holders *h, struct arena *a)
{
    const uint32_t n = h->sets.n_holders;
    h->joint_first = ARENA_ARRAY(a, (size_t)n + 2, uint32_t);
    each_joint(h, count_joint);
    for (uint32_t i = 0; i <= n; i++)
        h->joint_first[i + 1] += h->joint_first[i];
    h->joint = ARENA_ARRAY(a, h->joint_first[n + 1], uint32_t);
    each_joint(h, add_joint);
}

void holders_find(struct inquiry *q)
{
    struct holders *h = &q->holders;
    uint32_t *of_zombies = must_calloc(q->misuses.n, sizeof *of_zombies);
    holder_sets_init(&h->sets, number_holders(q, of_zombies));
    h->set = ARENA_ARRAY(&q->scratch, q->o.g.n, uint32_t);
    memset(h->set, 0xff, q->o.g.n * sizeof *h->set);
    h->lone = ARENA_ARRAY(&q->scratch, q->o.g.n, uint32_t);
    set_zombies(q, of_zombies);
    free(of_zombies);
    set_components(q);
    set_what_follows(q);
    sum_up(q);
    list_rings(q);
    holders_list_joint(h, &q->scratch);
}

void holders_release(struct holders *h)
{
    holder_sets_release(&h->sets);
    free(h->ring);
    *h = (struct holders){0};
}
