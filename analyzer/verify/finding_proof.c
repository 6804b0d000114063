/* SPDX-License-Identifier: MIT */
/* What is said about single objects, whatever the finding. */
#include "verify/proof.h"

#include <inttypes.h>
#include <string.h>

/* Does the member say of the object what the shadow does? */
static bool prove_figures(struct proof *p, const struct finding *f,
                          const struct finding_member *m)
{
    char name[OBJECT_NAME];
    const struct object *o = &p->s->objects[m->object];
    name_object(p, m->object, name);
    if (m->addr != o->addr || strcmp(m->type, p->t->strings.text[o->type]) != 0)
        return refute(p, "finding %s names another object than %s", f->id,
                      name);
    if (m->refcount != o->rc)
        return refute(p,
                      "finding %s gives %s %" PRId64 " counts, but it has "
                      "%" PRId64,
                      f->id, name, m->refcount, o->rc);
    if (m->owned < 0 || (uint64_t)m->owned != p->owned[m->object])
        return refute(p,
                      "finding %s gives %s %" PRId64 " references, but there "
                      "are %" PRIu64,
                      f->id, name, m->owned, p->owned[m->object]);
    if (m->acquired != o->acquired || m->anonymous < 0 || m->unknown > 0 ||
        (uint64_t)m->refcount != (uint64_t)m->owned + (uint64_t)m->acquired +
                                     (uint64_t)m->anonymous +
                                     (uint64_t)m->unknown)
        return refute(p, "finding %s does not explain the counts of %s", f->id,
                      name);
    return true;
}

/* The member of a finding that is about one object. */
static bool prove_single(struct proof *p, const struct finding *f)
{
    char name[OBJECT_NAME];
    const struct finding_member *m = &f->members[0];
    name_object(p, m->object, name);
    if (may_not_be_told(p->s, m->object))
        return refute(p, "finding %s is about %s, which is kept on purpose",
                      f->id, name);
    if (f->kind == FINDING_UNBALANCED && m->refcount <= m->owned)
        return refute(p, "finding %s: %s has no more counts than references",
                      f->id, name);
    if (f->kind == FINDING_OVER_RELEASE && m->refcount >= m->owned)
        return refute(p, "finding %s: %s has no fewer counts than references",
                      f->id, name);
    if (f->kind == FINDING_MISUSE && (m->refcount != 0 || m->owned != 0))
        return refute(p, "finding %s: %s is no zombie", f->id, name);
    return true;
}

bool prove_finding(struct proof *p, const struct finding *f)
{
    for (uint32_t i = 0; i < f->n_members; i++) {
        if (f->members[i].object >= p->s->n_objects)
            return refute(p, "finding %s has a member that does not exist",
                          f->id);
        if (!prove_figures(p, f, &f->members[i]))
            return false;
    }
    switch (f->kind) {
    case FINDING_CYCLE:
        return prove_cycle(p, f);
    case FINDING_UNBALANCED:
    case FINDING_OVER_RELEASE:
        if (f->kind == FINDING_OVER_RELEASE && f->n_members == 0)
            return true; /* what it is about is dead, or was put right */
        if (f->n_members == 0)
            return refute(p, "finding %s is about no object", f->id);
        return prove_single(p, f);
    case FINDING_MISUSE:
        return f->n_members == 0 || prove_single(p, f);
    case FINDING_GHOST_EDGE:
    case FINDING_LEAK:
        break;
    }
    return true;
}
