/* SPDX-License-Identifier: MIT */
/*
 * What the program did that no correct program does, by event and birth sites.
 *
 * Zombies are taken from the objects, not from the events that the shadow
 * noted: they are sources of the unreachable set, so what they hold is told
 * with them.
 */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdio.h>

static const char *const words[N_MISUSES] = {
    [MISUSE_DOUBLE_FREE] = "double-free",
    [MISUSE_RELEASE_OF_DEAD] = "release of the dead",
    [MISUSE_NEGATIVE] = "negative count",
    [MISUSE_ZOMBIE] = "zombie",
    [MISUSE_FREED_OWNER] = "free of a block that still holds counted objects",
};

void zombies_gather(struct inquiry *q)
{
    for (uint32_t v = 0; v < q->s->n_objects; v++) {
        if (q->o.rc[v] != 0 || q->o.owned[v] != 0 || object_is_excused(q->s, v))
            continue;
        GROW(q->zombies, q->n_zombies, q->zombies_room);
        q->zombies[q->n_zombies++] = (struct zombie){
            .object = v,
            .held = q->o.u.in[v] ? cascade_source(&q->cascade, q->o.k.of[v])
                                 : cascade_object(&q->cascade, v),
        };
        q->wanted[v] = 1;
    }
}

/* An object in static memory that nobody ever counted is none. */
static void date_zombie(struct inquiry *q, const struct zombie *z)
{
    const struct object *k = &q->s->objects[z->object];
    const struct lowering last = inquiry_lowering(q, z->object);
    if (!last.known && k->block == OURO_NONE)
        return;
    const struct group key = {
        .stack = last.stack,
        .what = MISUSE_ZOMBIE,
        .type = k->type,
        .other_stack = k->stack,
    };
    group_add(groups_find(&q->misuses, &key), z->object, k->birth,
              inquiry_own(q, z->object), z->held);
}

void misuses_date(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_zombies; i++)
        date_zombie(q, &q->zombies[i]);
    for (uint32_t i = 0; i < q->s->n_misuses; i++) {
        const struct misuse_event *m = &q->s->misuses[i];
        if (m->what == MISUSE_ZOMBIE)
            continue;
        const struct group key = {
            .stack = m->stack,
            .what = m->what,
            .type = m->type,
            .other_stack = m->birth_stack,
        };
        group_add(groups_find(&q->misuses, &key), OURO_NONE, m->stamp,
                  (struct held){0}, (struct held){0});
    }
}

void misuses_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->misuses.n; i++) {
        inquiry_ask(q, q->misuses.at[i].stack);
        inquiry_ask(q, q->misuses.at[i].other_stack);
    }
}

static void name_type(struct inquiry *q, struct draft *d, const struct group *g)
{
    if (g->type == 0)
        return;
    d->f.n_types = 1;
    d->f.types = ARENA_ARRAY(q->out, 1, struct finding_type);
    *d->f.types = (struct finding_type){inquiry_text(q, g->type), g->instances};
}

static void tell(struct inquiry *q, const struct group *g)
{
    char family[96];
    snprintf(family, sizeof family, "misuse %s", words[g->what]);
    uint64_t part =
        fingerprint_edge(fingerprint_object(inquiry_text(q, g->type),
                                            inquiry_site(q, g->other_stack)),
                         "", fingerprint_object("", inquiry_site(q, g->stack)));

    struct draft *d = inquiry_draft(q, FINDING_MISUSE, words[g->what]);
    inquiry_sum(d, g->instances, g->own, g->held);
    d->f.stack = inquiry_places(q, g->stack);
    d->f.birth_stack = inquiry_places(q, g->other_stack);
    d->birth = g->birth;
    name_type(q, d, g);
    if (g->eldest != OURO_NONE) {
        d->f.n_members = 1;
        d->f.members = ARENA_ARRAY(q->out, 1, struct finding_member);
        *d->f.members = inquiry_member(q, g->eldest);
    }
    fingerprint_set(d->f.id, family, &part, 1);
}

void misuses_tell(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->misuses.n; i++)
        tell(q, &q->misuses.at[i]);
}
