/* SPDX-License-Identifier: MIT */
/*
 * What goes with a component of the unreachable set: another one as soon as all
 * references into it come from what has gone, anything else as soon as its
 * counts and references are as many and all of them do.
 */
#include "verify/proof.h"

void falling_init(struct proof *p)
{
    const uint32_t n = p->s->n_objects;
    p->falling = (struct falling){
        .of_object = ARENA_ARRAY(&p->a, n, uint64_t),
        .of_ring = ARENA_ARRAY(&p->a, n, uint64_t),
        .todo = ARENA_ARRAY(&p->a, n, uint32_t),
        .goes = ARENA_ARRAY(&p->a, n, unsigned char),
        .freed = ARENA_ARRAY(&p->a, n, uint32_t),
    };
}

static void take_ring(struct proof *p, uint32_t c)
{
    const struct rings *r = &p->rings;
    for (uint32_t i = r->first[c]; i < r->first[c + 1]; i++)
        p->falling.todo[p->falling.n_todo++] = r->member[i];
}

static void note_ring(const struct proof *p, uint32_t c, struct fallen *g)
{
    const struct rings *r = &p->rings;
    if (!r->closed[c])
        return;
    g->rings++;
    g->ring_objects += r->first[c + 1] - r->first[c];
}

static void give_up_ring(struct proof *p, uint32_t owner, uint32_t c,
                         struct fallen *g)
{
    const uint32_t from = p->rings.of[owner];
    if (from == OURO_NONE || from == c ||
        ++p->falling.of_ring[c] != p->rings.into[c])
        return;
    take_ring(p, c);
    note_ring(p, c, g);
}

static void give_up(struct proof *p, uint32_t v)
{
    struct falling *w = &p->falling;
    const int64_t rc = p->s->objects[v].rc;
    if (++w->of_object[v] == p->owned[v] && rc > 0 &&
        (uint64_t)rc == p->owned[v] && !may_not_be_told(p->s, v))
        w->todo[w->n_todo++] = v;
}

/* Takes back what was counted. */
static void forget(struct proof *p)
{
    struct falling *w = &p->falling;
    for (uint32_t at = 0; at < w->n_todo; at++) {
        const uint32_t v = w->todo[at];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t to = p->s->links[i].target;
            w->of_object[to] = 0;
            if (p->rings.of[to] != OURO_NONE)
                w->of_ring[p->rings.of[to]] = 0;
        }
    }
    w->n_todo = 0;
}

struct fallen count_fallen(struct proof *p, uint32_t c)
{
    struct falling *w = &p->falling;
    struct fallen g = {0};
    take_ring(p, c);
    for (uint32_t at = 0; at < w->n_todo; at++) {
        const uint32_t v = w->todo[at];
        for (uint32_t i = p->first[v]; i < p->first[v + 1]; i++) {
            const uint32_t to = p->s->links[i].target;
            if (p->rings.of[to] != OURO_NONE)
                give_up_ring(p, v, p->rings.of[to], &g);
            else
                give_up(p, to);
        }
    }
    g.objects = w->n_todo;
    forget(p);
    return g;
}
