/* SPDX-License-Identifier: MIT */
/*
 * Of many equal things one is described. Their numbers must add up to what is
 * there.
 */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdlib.h>

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
    for (uint32_t c = 0; c < r->n; c++) {
        if (!r->closed[c] || r->into[c] > 0)
            continue;
        t.instances++;
        t.objects += r->first[c + 1] - r->first[c];
        t.retained += count_fallen(p, c).objects;
    }
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

/* What died while it was held had a count too few; not what was freed with its
   counts, of which nobody said that it dies. */
static uint64_t count_dead(const struct proof *p)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < p->s->n_dangling; i++) {
        const struct dangling_link *k = &p->s->dangling[i];
        const bool told = !k->freed || k->rc <= 0;
        n += told && !may_not_be_told(p->s, k->owner);
    }
    return n;
}

/* It was short of counts for long, and is so no more, or is dead. */
static bool was_put_right(const struct proof *p, const struct lasting *k)
{
    const uint32_t v = shadow_born(p->s, k->birth);
    if (v == OURO_NONE)
        return true;
    const int64_t rc = p->s->objects[v].rc;
    return !may_not_be_told(p->s, v) && rc >= 0 && (uint64_t)rc >= p->owned[v];
}

static bool prove_balances(struct proof *p)
{
    uint64_t more = 0;
    uint64_t rooted_more = 0;
    uint64_t fewer = count_dead(p);
    unsigned char *rooted = find_rooted(p);
    for (uint32_t v = 0; v < p->s->n_objects; v++) {
        const int64_t rc = p->s->objects[v].rc;
        if (may_not_be_told(p->s, v))
            continue;
        const bool many = rc > 0 && (uint64_t)rc > p->owned[v];
        more += many && !rooted[v];
        rooted_more += many && rooted[v];
        fewer += p->owned[v] > 0 && (rc < 0 || (uint64_t)rc < p->owned[v]);
    }
    free(rooted);
    for (uint32_t i = 0; i < p->s->n_lasting; i++)
        fewer += was_put_right(p, &p->s->lasting[i]);
    /* of what a root reaches, those are told whose counts have dead holders */
    const uint64_t told = total_of(p, FINDING_UNBALANCED).instances;
    const uint64_t most = told < more + rooted_more ? told : more + rooted_more;
    return prove_number(p, "objects with more counts than references", told,
                        most < more ? more : most) &&
           prove_number(p, "objects with fewer counts than references",
                        total_of(p, FINDING_OVER_RELEASE).instances, fewer);
}

bool prove_totals(struct proof *p)
{
    return prove_cycles(p) && prove_balances(p);
}
