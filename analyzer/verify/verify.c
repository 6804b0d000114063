/* SPDX-License-Identifier: MIT */
#include "verify/proof.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool refute(struct proof *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->why, VERIFY_SENTENCE, fmt, ap);
    va_end(ap);
    return false;
}

const char *name_object(const struct proof *p, uint32_t object,
                        char text[OBJECT_NAME])
{
    const struct object *o = &p->s->objects[object];
    snprintf(text, OBJECT_NAME, "0x%" PRIx64 " (%.64s)", o->addr,
             p->t->strings.text[o->type]);
    return text;
}

bool may_not_be_told(const struct shadow *s, uint32_t object)
{
    const struct object *o = &s->objects[object];
    const struct block *b = o->block == OURO_NONE ? NULL : &s->blocks[o->block];
    const bool kept =
        (o->flags & OBJECT_IGNORED) != 0 || (b != NULL && b->ignored);
    const bool older =
        (o->flags & OBJECT_INHERITED) != 0 || (b != NULL && b->inherited);
    return kept || older || (o->flags & OBJECT_IMMORTAL) != 0;
}

/* Tracked, not frozen, and able to hold references. */
static bool may_die(const struct shadow *s, uint32_t object)
{
    const uint32_t flags = s->objects[object].flags;
    if ((flags & OBJECT_LEAF) != 0 || (flags & OBJECT_UNTRACKED) != 0 ||
        (flags & OBJECT_FROZEN) != 0)
        return false;
    return !may_not_be_told(s, object);
}

static bool count_link(struct proof *p, uint32_t i)
{
    const struct shadow *s = p->s;
    const struct link *l = &s->links[i];
    if (i > 0 && s->links[i - 1].owner > l->owner)
        return refute(p, "reference %" PRIu32 " is not in order", i);
    if ((l->owner != OURO_NONE && l->owner >= s->n_objects) ||
        l->target >= s->n_objects)
        return refute(p, "reference %" PRIu32 " names no object", i);
    p->owned[l->target]++;
    if (l->owner == OURO_NONE)
        return true;
    p->first[l->owner + 1] = i + 1;
    if (p->judged[l->owner])
        p->explained[l->target]++;
    return true;
}

static bool count_links(struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    for (uint32_t v = 0; v < n; v++)
        p->judged[v] = may_die(p->s, v);
    for (uint32_t i = 0; i < p->s->n_links; i++)
        if (!count_link(p, i))
            return false;
    for (uint32_t v = 0; v < n; v++)
        if (p->first[v + 1] < p->first[v])
            p->first[v + 1] = p->first[v];
    return true;
}

/* Along references inside the unreachable set, from what has a finalizer. */
static void find_bound(struct proof *p)
{
    const struct shadow *s = p->s;
    uint32_t *todo = must_calloc(s->n_objects, sizeof *todo);
    uint32_t n = 0;
    for (uint32_t v = 0; v < s->n_objects; v++)
        if (p->f->unreachable[v] && s->objects[v].flags & OBJECT_FINALIZER) {
            p->bound[v] = 1;
            todo[n++] = v;
        }
    while (n > 0) {
        const uint32_t v = todo[--n];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t to = s->links[i].target;
            if (!p->f->unreachable[to] || p->bound[to])
                continue;
            p->bound[to] = 1;
            todo[n++] = to;
        }
    }
    free(todo);
}

static bool prove_findings(struct proof *p, struct verified *looked_at)
{
    for (uint32_t i = 0; i < p->f->n; i++) {
        const struct finding *f = &p->f->at[i];
        looked_at->findings += f->n_members > 0;
        if (!prove_finding(p, f))
            return false;
    }
    return true;
}

static void make_room(struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    p->first = ARENA_ARRAY(&p->a, (size_t)n + 1, uint32_t);
    p->owned = ARENA_ARRAY(&p->a, n, uint64_t);
    p->explained = ARENA_ARRAY(&p->a, n, uint64_t);
    p->judged = ARENA_ARRAY(&p->a, n, unsigned char);
    p->bound = ARENA_ARRAY(&p->a, n, unsigned char);
    p->position = ARENA_ARRAY(&p->a, n, uint32_t);
    for (uint32_t v = 0; v < n; v++)
        p->position[v] = OURO_NONE;
    falling_init(p);
}

static bool prove_all(struct proof *p, struct verified *looked_at)
{
    if (!count_links(p))
        return false;
    looked_at->edges = p->first[p->s->n_objects];
    if (!prove_unreachable(p))
        return false;
    for (uint32_t v = 0; v < p->s->n_objects; v++)
        looked_at->unreachable += p->f->unreachable[v] != 0;
    find_rings(p);
    find_bound(p);
    return prove_findings(p, looked_at) && prove_totals(p);
}

bool verify_image(const struct shadow *s, const struct trace *t,
                  const struct findings *f, struct verified *looked_at,
                  char why[VERIFY_SENTENCE])
{
    struct proof p = {.s = s, .t = t, .f = f, .why = why};
    make_room(&p);
    *looked_at = (struct verified){.objects = s->n_objects};
    *why = '\0';
    const bool holds = prove_all(&p, looked_at);
    arena_release(&p.a);
    return holds;
}
