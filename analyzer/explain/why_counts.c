/* SPDX-License-Identifier: MIT */
/*
 * The counts of one object that are no object's references: those under
 * cookies, each by itself, and those that only a place can explain.
 */
#include "explain/unreleased.h"
#include "explain/why_parts.h"

#include <stdlib.h>

static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* What is neither owned nor under a cookie. */
static int64_t rest_of(const struct why_parts *p)
{
    const struct object *k = p->w->object;
    return minus(minus(k->rc, p->q.o.owned[p->object]), k->acquired);
}

static void note(struct acquires *a, const struct taken *k)
{
    GROW(a->at, a->n, a->room);
    a->at[a->n++] = *k;
}

static void sort_out(struct why_parts *p, const struct acquires *all)
{
    for (uint32_t i = 0; i < all->n; i++)
        note(all->at[i].named ? &p->named : &p->unnamed, &all->at[i]);
    p->bereft = all->n > 0 && all->at[0].bereft;
    p->bereft_at = p->bereft ? all->at[0].stack : 0;
    if (rest_of(p) > 0)
        unreleased_add(&p->q, 0, &p->unnamed, 0);
    unreleased_settle(&p->q);
}

int why_counts_gather(struct why_parts *p, struct trace *parent, struct err *e)
{
    const struct object *k = p->w->object;
    if ((rest_of(p) <= 0 && k->acquired == 0) || k->flags & OBJECT_INHERITED)
        return 0;
    struct acquires all;
    unsigned char *watched = must_calloc(p->q.s->n_objects, 1);
    watched[p->object] = 1;
    const int rc = acquires_find(&all, p->q.s, p->q.t, parent, watched, e);
    if (rc == 0)
        sort_out(p, &all);
    acquires_release(&all);
    free(watched);
    return rc;
}

void why_counts_ask(struct why_parts *p)
{
    for (uint32_t i = 0; i < p->named.n && i < p->most; i++)
        inquiry_ask(&p->q, p->named.at[i].stack);
    unreleased_ask(&p->q);
    inquiry_ask(&p->q, p->bereft_at);
}

static struct why_taken tell_named(struct why_parts *p, const struct taken *k)
{
    return (struct why_taken){
        .count = 1,
        .named = true,
        .cookie = k->cookie,
        .time = trace_seconds(p->q.t, k->stamp),
        .certain = true,
        .holder_dead = k->bereft,
        .stack = inquiry_places(&p->q, k->stack),
    };
}

/* No more than are there. */
static struct why_taken tell_unnamed(struct why_parts *p,
                                     const struct unreleased *k, int64_t *rest)
{
    const int64_t n = k->certain && k->n > *rest ? *rest : k->n;
    if (k->certain)
        *rest -= n;
    return (struct why_taken){
        .count = (uint64_t)n,
        .certain = k->certain,
        .holder_dead = k->holder_dead,
        .stack = inquiry_places(&p->q, k->stack),
    };
}

static void tell_takers(struct why_parts *p)
{
    struct why *w = p->w;
    int64_t rest = w->unknown > 0 ? w->unknown : 0;
    const uint32_t n_named = p->named.n < p->most ? p->named.n : p->most;
    w->n_named = p->named.n;
    w->takers_left_out = p->named.n - n_named;
    w->takers = ARENA_ARRAY(p->q.out, (size_t)n_named + p->q.n_unreleased,
                            struct why_taken);
    for (uint32_t i = 0; i < n_named; i++)
        w->takers[w->n_takers++] = tell_named(p, &p->named.at[i]);
    for (uint32_t i = 0; i < p->q.n_unreleased && rest > 0; i++)
        w->takers[w->n_takers++] = tell_unnamed(p, &p->q.unreleased[i], &rest);
    w->taken = (w->unknown > 0 ? w->unknown : 0) - rest;
    w->unknown -= w->taken;
}

void why_counts_tell(struct why_parts *p)
{
    struct why *w = p->w;
    w->owned = (int64_t)w->owners.n;
    w->rooted = (int64_t)w->roots.n;
    w->acquired = w->object->acquired;
    w->unknown = rest_of(p);
    tell_takers(p);
    w->out_of_balance =
        balances_identify(&p->q, p->object, p->bereft, p->bereft_at,
                          &w->balance_kind, w->balance_id);
}
