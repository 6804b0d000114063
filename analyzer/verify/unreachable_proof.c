/* SPDX-License-Identifier: MIT */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdlib.h>

/* Has it exactly as many counts as references from objects that are judged? */
static bool adds_up(const struct proof *p, uint32_t v)
{
    const int64_t rc = p->s->objects[v].rc;
    return rc >= 0 && (uint64_t)rc == p->explained[v];
}

static bool prove_member(struct proof *p, uint32_t v)
{
    char name[OBJECT_NAME];
    if (!p->judged[v])
        return refute(p,
                      "%s is called unreachable, but the collector may not "
                      "judge it",
                      name_object(p, v, name));
    if (!adds_up(p, v))
        return refute(p,
                      "%s is called unreachable, but has %" PRId64
                      " counts and %" PRIu64 " references",
                      name_object(p, v, name), p->s->objects[v].rc,
                      p->explained[v]);
    return true;
}

static bool prove_not_held(struct proof *p, const struct link *l)
{
    char owner[OBJECT_NAME];
    char target[OBJECT_NAME];
    if (l->owner == OURO_NONE || !p->judged[l->owner] ||
        p->f->unreachable[l->owner] || !p->f->unreachable[l->target])
        return true;
    return refute(p, "%s is called unreachable, but %s, which lives, holds it",
                  name_object(p, l->target, target),
                  name_object(p, l->owner, owner));
}

/* A path to each object from one whose counts and references differ. */
static unsigned char *find_living(const struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    unsigned char *lives = must_calloc(n, 1);
    uint32_t *todo = must_calloc(n, sizeof *todo);
    uint32_t n_todo = 0;
    for (uint32_t v = 0; v < n; v++)
        if (p->judged[v] && !adds_up(p, v)) {
            lives[v] = 1;
            todo[n_todo++] = v;
        }
    while (n_todo > 0) {
        const uint32_t v = todo[--n_todo];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t w = p->s->links[i].target;
            if (lives[w] || !p->judged[w])
                continue;
            lives[w] = 1;
            todo[n_todo++] = w;
        }
    }
    free(todo);
    return lives;
}

static bool prove_survivors(struct proof *p)
{
    char name[OBJECT_NAME];
    unsigned char *lives = find_living(p);
    bool holds = true;
    for (uint32_t v = 0; v < p->s->n_objects && holds; v++)
        if (p->judged[v] && !p->f->unreachable[v] && !lives[v])
            holds = refute(p,
                           "%s is not called unreachable, but no object with "
                           "a count of its own leads to it",
                           name_object(p, v, name));
    free(lives);
    return holds;
}

bool prove_unreachable(struct proof *p)
{
    uint32_t n = 0;
    for (uint32_t v = 0; v < p->s->n_objects; v++) {
        n += p->f->unreachable[v] != 0;
        if (p->f->unreachable[v] && !prove_member(p, v))
            return false;
    }
    for (uint32_t i = 0; i < p->s->n_links; i++)
        if (!prove_not_held(p, &p->s->links[i]))
            return false;
    if (n != p->f->n_unreachable)
        return refute(p,
                      "%" PRIu32 " objects are said to be unreachable, but "
                      "%" PRIu32 " are marked so",
                      p->f->n_unreachable, n);
    return prove_survivors(p);
}
