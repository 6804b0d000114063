/* SPDX-License-Identifier: MIT */
/*
 * What several leaks hold together: two lost heads of one list.
 */
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

static bool is_lost(const struct draft *d)
{
    return d->kind == FINDING_LEAK &&
           (d->reach == REACH_DEFINITE || d->reach == REACH_POSSIBLE);
}

static bool is_same(const struct draft *a, const struct draft *b)
{
    return a->reach == b->reach && strcmp(a->id, b->id) == 0;
}

/* Drafts of one id and reach are one holder. `of`: by group of leaks. */
static uint32_t number_holders(struct inquiry *q, uint32_t *of)
{
    struct holders *h = &q->lost_holders;
    const struct draft *last = NULL;
    uint32_t n = 0;
    h->id = arena_array(&q->scratch, q->n_drafts, sizeof *h->id);
    h->retained = ARENA_ARRAY(&q->scratch, q->n_drafts, struct held);
    for (uint32_t i = 0; i < q->n_drafts; i++) {
        struct draft *d = &q->drafts[i];
        if (!is_lost(d))
            continue;
        if (!last || !is_same(last, d))
            memcpy(h->id[n++], d->id, sizeof d->id);
        last = d;
        d->holder = of[d->index] = n - 1;
        held_add(&h->retained[n - 1], d->held);
    }
    return n;
}

struct flow {
    const struct inquiry *q;
    const uint32_t *leak_of, *holder_of; /* by component; by group */
};

/* An object's source is nobody's here: it is told as what it is. */
static uint32_t holder_of(void *to, uint32_t source)
{
    const struct flow *f = to;
    const uint32_t leak = f->leak_of[source];
    return leak ? f->holder_of[leak - 1]
                : holder_sets_nobody(&f->q->lost_holders.sets);
}

/* By component of a part: its set. */
static uint32_t *flow(struct inquiry *q, const struct lost_part *p,
                      enum reach reach, const uint32_t *of)
{
    struct flow f = {q, q->leak_of[reach], of};
    return holder_flow(&q->lost_holders.sets, &q->m->g, &p->k, &p->r, holder_of,
                       &f);
}

static void sum_up(struct inquiry *q, const struct lost_part *p,
                   const uint32_t *set)
{
    for (uint32_t v = 0; v < q->m->n_blocks; v++) {
        const uint32_t c = p->k.of[v];
        if (c != UINT32_MAX && p->r.held_by[v] == UINT32_MAX &&
            q->m->now[v] != OURO_NONE)
            held_add(&q->lost_holders.shared[set[c]],
                     (struct held){0, 1, q->m->blocks[v].size});
    }
}

void leaks_share(struct inquiry *q)
{
    struct holders *h = &q->lost_holders;
    if (!q->lost.m)
        return;
    uint32_t *of = must_calloc(q->leaks.n, sizeof *of);
    holder_sets_init(&h->sets, number_holders(q, of));
    uint32_t *definite = flow(q, &q->lost.definite, REACH_DEFINITE, of);
    uint32_t *possible = flow(q, &q->lost.possible, REACH_POSSIBLE, of);
    h->shared = ARENA_ARRAY(&q->scratch, h->sets.n, struct held);
    h->ring_first = ARENA_ARRAY(&q->scratch, (size_t)h->sets.n + 1, uint32_t);
    sum_up(q, &q->lost.definite, definite);
    sum_up(q, &q->lost.possible, possible);
    holders_list_joint(h, &q->scratch);
    free(possible);
    free(definite);
    free(of);
}
