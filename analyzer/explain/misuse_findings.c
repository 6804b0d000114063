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
            .group = OURO_NONE,
        };
        q->wanted[v] = 1;
    }
}

static struct group zombie_key(const struct inquiry *q, uint32_t object)
{
    const struct object *k = &q->s->objects[object];
    return (struct group){
        .stack = inquiry_lowering(q, object).stack,
        .what = MISUSE_ZOMBIE,
        .type = k->type,
        .other_stack = k->stack,
    };
}

/* An object in static memory that nobody ever counted is none. */
static void date_zombie(struct inquiry *q, struct zombie *z)
{
    const struct object *k = &q->s->objects[z->object];
    if (!inquiry_lowering(q, z->object).known && k->block == OURO_NONE)
        return;
    const struct group key = zombie_key(q, z->object);
    struct group *g = groups_find(&q->misuses, &key);
    const struct held own = inquiry_own(q, z->object);
    group_add(g, z->object, k->birth, own, own);
    appearances_note(q, &g->appeared, k->stamp);
    z->group = (uint32_t)(g - q->misuses.at);
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
        struct group *g = groups_find(&q->misuses, &key);
        group_add(g, i, m->stamp, (struct held){0}, (struct held){0});
        appearances_note(q, &g->appeared, m->stamp);
    }
}

/* The first of those that a group stands for; NULL: they are zombies. */
static const struct misuse_event *first_of(const struct inquiry *q,
                                           const struct group *g)
{
    return g->what == MISUSE_ZOMBIE ? NULL : &q->s->misuses[g->eldest];
}

void misuses_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->misuses.n; i++) {
        const struct group *g = &q->misuses.at[i];
        const struct misuse_event *m = first_of(q, g);
        inquiry_ask(q, g->stack);
        inquiry_ask(q, g->other_stack);
        if (m)
            inquiry_ask(q, m->death_stack);
    }
}

/* `other_stack` is where it was born, `stack` where it was done. */
static void identify(struct inquiry *q, const struct group *key, char id[17])
{
    char family[96];
    const uint64_t born = inquiry_part(q, key->type, key->other_stack);
    const uint64_t done = inquiry_part(q, 0, key->stack);
    uint64_t part = fingerprint_edge(born, "", done);
    snprintf(family, sizeof family, "misuse %s", words[key->what]);
    fingerprint_set(id, family, &part, 1);
}

void zombies_identify(struct inquiry *q, uint32_t object, char id[17])
{
    const struct group key = zombie_key(q, object);
    identify(q, &key, id);
}

void misuses_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->misuses.n; i++) {
        const struct group *g = &q->misuses.at[i];
        identify(q, g, inquiry_draft_group(q, FINDING_MISUSE, i, g)->id);
    }
}

static void describe_death(struct inquiry *q, const struct misuse_event *m,
                           struct finding *f)
{
    f->label = inquiry_text(q, m->label);
    if (m->what != MISUSE_RELEASE_OF_DEAD)
        return;
    f->has_death = true;
    f->death_time = trace_seconds(q->t, m->death_stamp);
    f->death_stack = inquiry_places(q, m->death_stack);
}

void misuses_describe(struct inquiry *q, uint32_t index, struct finding *f)
{
    const struct group *g = &q->misuses.at[index];
    f->what = words[g->what];
    f->stack = inquiry_places(q, g->stack);
    f->birth_stack = inquiry_places(q, g->other_stack);
    const struct misuse_event *m = first_of(q, g);
    if (m) {
        describe_death(q, m, f);
        return;
    }
    f->n_members = 1;
    f->members = ARENA_ARRAY(q->out, 1, struct finding_member);
    *f->members = inquiry_member(q, g->eldest);
    f->label = f->members->label;
}
