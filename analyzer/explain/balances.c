/* SPDX-License-Identifier: MIT */
/*
 * Live objects whose counts and references disagree, by type and site: more
 * counts than references (somebody kept one), or fewer (somebody gave back one
 * that was not theirs).
 *
 * What a root reaches may well be meant to live, whatever its count is: it is
 * not told.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdlib.h>

static void reach(unsigned char *reached, uint32_t *stack, uint32_t *n,
                  uint32_t object)
{
    if (reached[object])
        return;
    reached[object] = 1;
    stack[(*n)++] = object;
}

/* From what roots hold, along references. The caller frees it. */
static unsigned char *find_reached(const struct inquiry *q)
{
    const struct graph *g = &q->o.g;
    unsigned char *reached = must_calloc(g->n, 1);
    uint32_t *stack = must_calloc(g->n, sizeof *stack);
    uint32_t n = 0;
    for (uint32_t i = 0; i < q->s->n_links; i++)
        if (q->s->links[i].owner == OURO_NONE)
            reach(reached, stack, &n, q->s->links[i].target);
    while (n > 0) {
        const uint32_t v = stack[--n];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++)
            reach(reached, stack, &n, g->to[i]);
    }
    free(stack);
    return reached;
}

/* In the unreachable set counts and references agree: it is passed over. */
static void judge(struct inquiry *q, uint32_t object, bool reached)
{
    const struct object *k = &q->s->objects[object];
    const int64_t owned = q->o.owned[object];
    if (k->rc == owned || (k->rc > owned && reached))
        return;
    if (k->rc < owned && owned == 0)
        return; /* a count below zero is misuse, and was noted when it fell */
    const struct group key = {
        .stack = k->stack,
        .what = k->rc > owned ? FINDING_UNBALANCED : FINDING_OVER_RELEASE,
        .type = k->type,
    };
    const struct held own = inquiry_own(q, object);
    group_add(groups_find(&q->balances, &key), object, k->birth, own, own);
}

void balances_gather(struct inquiry *q)
{
    unsigned char *reached = find_reached(q);
    for (uint32_t v = 0; v < q->s->n_objects; v++)
        if (!object_is_excused(q->s, v))
            judge(q, v, reached[v]);
    free(reached);
}

void balances_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->balances.n; i++)
        inquiry_ask(q, q->balances.at[i].stack);
}

void balances_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->balances.n; i++) {
        const struct group *g = &q->balances.at[i];
        const bool over = g->what == FINDING_OVER_RELEASE;
        struct draft *d =
            inquiry_draft_group(q, (enum finding_kind)g->what, i, g);
        uint64_t part = inquiry_part(q, g->type, g->stack);
        fingerprint_set(d->id, over ? "over-release" : "unbalanced", &part, 1);
    }
}

void balances_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->balances.at[index];
    const bool over = g->what == FINDING_OVER_RELEASE;
    f->what =
        over ? "fewer counts than references" : "more counts than references";
    f->evidence = "counted";
    f->reach = over ? REACH_DEFINITE : REACH_UNKNOWN;
    f->n_members = 1;
    f->members = ARENA_ARRAY(q->out, 1, struct finding_member);
    *f->members = inquiry_member(q, g->eldest);
    f->stack = f->members->stack;
}
