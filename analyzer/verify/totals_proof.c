/* SPDX-License-Identifier: MIT */
/*
 * Of many equal things one is described. Their numbers must add up to what is
 * there.
 */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdlib.h>

/* What goes with a component: counts that came from the set so far. */
struct fall {
    struct proof *p;
    uint64_t *of_object; /* objects that are not in the unreachable set */
    uint64_t *of_ring;   /* its components */
    uint32_t *todo;
    uint32_t n_todo;
};

static void take_ring(struct fall *w, uint32_t c)
{
    const struct rings *r = &w->p->rings;
    for (uint32_t i = r->first[c]; i < r->first[c + 1]; i++)
        w->todo[w->n_todo++] = r->member[i];
}

static void give_up(struct fall *w, const struct link *l, uint32_t begun_with)
{
    const struct rings *r = &w->p->rings;
    const uint32_t c = r->of[l->target];
    if (c != OURO_NONE) {
        if (c == begun_with || c == r->of[l->owner] ||
            r->of[l->owner] == OURO_NONE)
            return;
        if (++w->of_ring[c] == r->into[c])
            take_ring(w, c);
        return;
    }
    const int64_t rc = w->p->s->objects[l->target].rc;
    if (!may_not_be_told(w->p->s, l->target) && rc > 0 &&
        (uint64_t)rc == w->p->owned[l->target] &&
        ++w->of_object[l->target] == (uint64_t)rc)
        w->todo[w->n_todo++] = l->target;
}

/* Takes back what was counted for this one. */
static void forget(struct fall *w, const struct link *l)
{
    const uint32_t c = w->p->rings.of[l->target];
    w->of_object[l->target] = 0;
    if (c != OURO_NONE)
        w->of_ring[c] = 0;
}

static uint64_t fall_from(struct fall *w, uint32_t c)
{
    const struct proof *p = w->p;
    w->n_todo = 0;
    take_ring(w, c);
    for (uint32_t at = 0; at < w->n_todo; at++) {
        const uint32_t v = w->todo[at];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++)
            give_up(w, &p->s->links[i], c);
    }
    for (uint32_t at = 0; at < w->n_todo; at++) {
        const uint32_t v = w->todo[at];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++)
            forget(w, &p->s->links[i]);
    }
    return w->n_todo;
}

static void begin(struct fall *w, struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    *w = (struct fall){
        .p = p,
        .of_object = must_calloc(n, sizeof *w->of_object),
        .of_ring = must_calloc(n, sizeof *w->of_ring),
        .todo = must_calloc(n, sizeof *w->todo),
    };
}

static void end(struct fall *w)
{
    free(w->of_object);
    free(w->of_ring);
    free(w->todo);
}

uint64_t count_retained(struct proof *p, uint32_t c)
{
    struct fall w;
    begin(&w, p);
    const uint64_t n = fall_from(&w, c);
    end(&w);
    return n;
}

struct total {
    uint64_t instances, objects, retained;
};

static struct total total_of(const struct proof *p, enum finding_kind kind)
{
    struct total t = {0};
    for (uint32_t i = 0; i < p->f->n; i++) {
        const struct finding *f = &p->f->at[i];
        if (f->kind != kind)
            continue;
        t.instances += f->instances;
        t.objects += f->objects;
        t.retained += f->retained_objects;
    }
    return t;
}

static struct total count_cycles(struct proof *p)
{
    const struct rings *r = &p->rings;
    struct total t = {0};
    struct fall w;
    begin(&w, p);
    for (uint32_t c = 0; c < r->n; c++) {
        if (!r->closed[c] || r->into[c] > 0)
            continue;
        t.instances++;
        t.objects += r->first[c + 1] - r->first[c];
        t.retained += fall_from(&w, c);
    }
    end(&w);
    return t;
}

static bool prove_number(struct proof *p, const char *what, uint64_t said,
                         uint64_t is)
{
    return said == is || refute(p,
                                "%" PRIu64 " %s are told, but there are "
                                "%" PRIu64,
                                said, what, is);
}

static bool prove_cycles(struct proof *p)
{
    const struct total said = total_of(p, FINDING_CYCLE);
    const struct total is = count_cycles(p);
    return prove_number(p, "cycles", said.instances, is.instances) &&
           prove_number(p, "objects in cycles", said.objects, is.objects) &&
           prove_number(p, "objects that cycles retain", said.retained,
                        is.retained);
}

/* What a root reaches, along any references. */
static unsigned char *find_rooted(const struct proof *p)
{
    const struct shadow *s = p->s;
    unsigned char *rooted = must_calloc(s->n_objects, 1);
    uint32_t *todo = must_calloc(s->n_objects, sizeof *todo);
    uint32_t n = 0;
    for (uint32_t i = p->first[s->n_objects]; i < s->n_links; i++) {
        const uint32_t v = s->links[i].target;
        if (!rooted[v])
            todo[n++] = v;
        rooted[v] = 1;
    }
    while (n > 0) {
        const uint32_t v = todo[--n];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t to = s->links[i].target;
            if (!rooted[to])
                todo[n++] = to;
            rooted[to] = 1;
        }
    }
    free(todo);
    return rooted;
}

static bool prove_balances(struct proof *p)
{
    uint64_t more = 0;
    uint64_t fewer = 0;
    unsigned char *rooted = find_rooted(p);
    for (uint32_t v = 0; v < p->s->n_objects; v++) {
        const int64_t rc = p->s->objects[v].rc;
        if (may_not_be_told(p->s, v))
            continue;
        more += rc > 0 && (uint64_t)rc > p->owned[v] && !rooted[v];
        fewer += p->owned[v] > 0 && (rc < 0 || (uint64_t)rc < p->owned[v]);
    }
    free(rooted);
    return prove_number(p, "objects with more counts than references",
                        total_of(p, FINDING_UNBALANCED).instances, more) &&
           prove_number(p, "objects with fewer counts than references",
                        total_of(p, FINDING_OVER_RELEASE).instances, fewer);
}

bool prove_totals(struct proof *p)
{
    return prove_cycles(p) && prove_balances(p);
}
