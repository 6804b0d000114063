/* SPDX-License-Identifier: MIT */
/*
 * Does a cycle that has one instance come apart where it is said to? The
 * references through the named fields are taken out of all that goes with it;
 * then counts fall, object by object.
 */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct weakening {
    struct proof *p;
    const struct finding *f;
    uint32_t component;
    uint32_t n;               /* objects that go with it: falling.todo */
    uint32_t first, n_fields; /* of f->weaken: what is weak together */
    bool met[2];              /* weak references with a name, without one */
    uint64_t edges;           /* weak, in the cycle */
    uint64_t members;         /* freed, of the cycle */
    uint32_t n_freed;         /* falling.freed */
};

/* Numbers in brackets do not count; `told` has none. */
static bool is_named(const char *field, const char *told)
{
    for (; *field && *field == *told; field++, told++)
        if (*field == '[')
            field += strspn(field + 1, "0123456789");
    return *field == *told;
}

static bool is_field(const struct weakening *w, const struct link *l,
                     const struct finding_weaken *k)
{
    char text[32];
    const struct proof *p = w->p;
    if (strcmp(p->t->strings.text[p->s->objects[l->owner].type], k->type) != 0)
        return false;
    if (l->field != 0)
        return is_named(p->t->strings.text[l->field], k->field);
    snprintf(text, sizeof text, "%+" PRId64, l->offset);
    return strcmp(l->in_owned ? "[]" : text, k->field) == 0;
}

static bool is_weak(const struct weakening *w, const struct link *l)
{
    for (uint32_t i = 0; i < w->n_fields; i++)
        if (is_field(w, l, &w->f->weaken[w->first + i]))
            return true;
    return false;
}

static void give_back(struct weakening *w, uint32_t v)
{
    struct falling *d = &w->p->falling;
    if (d->goes[v] && --d->of_object[v] == 0)
        d->freed[w->n_freed++] = v;
}

static bool is_member(const struct weakening *w, uint32_t v)
{
    return w->p->rings.of[v] == w->component;
}

static void weaken_object(struct weakening *w, uint32_t v)
{
    const struct proof *p = w->p;
    for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
        const struct link *l = &p->s->links[i];
        if (!is_weak(w, l))
            continue;
        w->met[l->field == 0] = true;
        w->edges += is_member(w, v) && is_member(w, l->target);
        give_back(w, l->target);
    }
}

static void free_object(struct weakening *w, uint32_t v)
{
    const struct proof *p = w->p;
    w->members += is_member(w, v);
    for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++)
        if (!is_weak(w, &p->s->links[i]))
            give_back(w, p->s->links[i].target);
}

static void fall(struct weakening *w)
{
    struct falling *d = &w->p->falling;
    w->met[0] = w->met[1] = false;
    w->edges = w->members = w->n_freed = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const uint32_t v = d->todo[i];
        d->goes[v] = 1;
        d->of_object[v] = (uint64_t)w->p->s->objects[v].rc;
    }
    for (uint32_t i = 0; i < w->n; i++)
        weaken_object(w, d->todo[i]);
    for (uint32_t i = 0; i < w->n_freed; i++)
        free_object(w, d->freed[i]);
    for (uint32_t i = 0; i < w->n; i++) {
        d->goes[d->todo[i]] = 0;
        d->of_object[d->todo[i]] = 0;
    }
}

/* A name may read like an offset: then it is not known which of them is meant.
 */
static bool is_ambiguous(const struct weakening *w)
{
    return w->met[0] && w->met[1];
}

static bool prove_fall(struct weakening *w)
{
    const struct finding *f = w->f;
    uint64_t edges = 0;
    fall(w);
    for (uint32_t i = 0; i < w->n_fields; i++)
        edges += f->weaken[w->first + i].edges;
    const struct finding_weaken *k = &f->weaken[w->first];
    if (is_ambiguous(w))
        return true;
    if (w->members != f->n_members)
        return refute(w->p,
                      "finding %s: with %.64s.%.64s weak, %" PRIu64 " of its "
                      "%" PRIu32 " members are freed",
                      f->id, k->type, k->field, w->members, f->n_members);
    if (w->edges != edges)
        return refute(w->p,
                      "finding %s: %" PRIu64 " edges are %.64s.%.64s, but "
                      "it says %" PRIu64,
                      f->id, w->edges, k->type, k->field, edges);
    for (uint32_t i = 0; i < w->n_fields; i++)
        if (f->weaken[w->first + i].frees_objects != w->n_freed)
            return refute(w->p,
                          "finding %s: with %.64s.%.64s weak, %" PRIu32
                          " objects are freed, but it says %" PRIu64,
                          f->id, k->type, k->field, w->n_freed,
                          f->weaken[w->first + i].frees_objects);
    return true;
}

bool prove_weaken(struct proof *p, const struct finding *f, uint32_t component)
{
    if (f->instances != 1 || f->n_weaken == 0)
        return true;
    struct weakening w = {.p = p, .f = f, .component = component};
    w.n = (uint32_t)count_fallen(p, component).objects;
    for (uint32_t i = 0; i < f->n_weaken; i += w.n_fields) {
        w.first = i;
        w.n_fields = f->weaken[i].alone ? 1 : f->n_weaken - i;
        if (!prove_fall(&w))
            return false;
    }
    return true;
}
