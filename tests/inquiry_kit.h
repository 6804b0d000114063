/* SPDX-License-Identifier: MIT */
/*
 * inquiry_kit.h - small graphs of objects from a seed, as findings see them,
 * and what would be freed with some of them, the slow way
 *
 * Objects are of few types, at one of two stacks that have the same name: an id
 * is the set of (type, field, type) of a ring's edges. Some objects are leaves,
 * untracked or immortal; some counts have nobody, or are one too few; roots
 * hold some; some blocks are owned.
 */
#ifndef TESTS_INQUIRY_KIT_H
#define TESTS_INQUIRY_KIT_H

#include "explain/inquiry.h"
#include "random_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIT_OBJECTS = 10, KIT_LINKS = 24, KIT_TYPES = 3, KIT_FIELDS = 2 };

static struct inquiry_kit {
    struct inquiry q;
    struct shadow s;
    struct trace t;
    struct arena out;
    struct object objects[KIT_OBJECTS];
    struct link links[KIT_LINKS];
    struct block blocks[2 * KIT_OBJECTS];
    uint32_t unreachable;            /* objects, as a set */
    uint32_t component[KIT_OBJECTS]; /* by object: who it is in a ring with */
} kit;

static inline void kit_object(uint64_t *state, uint32_t v)
{
    static const uint32_t flags[] = {OBJECT_LEAF, OBJECT_UNTRACKED,
                                     OBJECT_IMMORTAL};
    struct object *k = &kit.objects[v];
    const uint32_t kind = random_below(state, 12);
    *k = (struct object){
        .birth = v,
        .type = 1 + random_below(state, KIT_TYPES),
        .stack = 1 + random_below(state, 2),
        .block = OURO_NONE,
        .bytes = 1,
        .flags = kind < 3 ? flags[kind] : 0,
    };
    if (random_below(state, 8) == 0)
        return;
    k->block = kit.s.n_blocks++;
    kit.blocks[k->block] = (struct block){
        .addr = 0x1000 * (uint64_t)(k->block + 1),
        .size = 1 + random_below(state, 50),
        .object = v,
        .owner = OURO_NONE,
    };
}

static inline void kit_link(uint64_t *state, uint32_t ext_of_roots)
{
    const uint32_t n = kit.s.n_objects;
    struct link *k = &kit.links[kit.s.n_links++];
    *k = (struct link){
        .owner = random_below(state, n),
        .target = random_below(state, n),
        .field = 1 + KIT_TYPES + random_below(state, KIT_FIELDS),
        .index = -1,
        .stamp = kit.s.n_links,
    };
    if (kit.objects[k->owner].flags & OBJECT_LEAF)
        k->owner = k->target;
    if (kit.objects[k->owner].flags & OBJECT_LEAF ||
        random_below(state, 20) < ext_of_roots)
        k->owner = OURO_NONE;
    kit.objects[k->target].rc++;
}

static inline int by_owner(const void *a, const void *b)
{
    const struct link *x = a;
    const struct link *y = b;
    return x->owner != y->owner ? (x->owner > y->owner) - (x->owner < y->owner)
                                : (x->stamp > y->stamp) - (x->stamp < y->stamp);
}

static inline void kit_shadow(uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    kit.s = (struct shadow){
        .trace = &kit.t,
        .n_objects = 1 + random_below(&state, KIT_OBJECTS),
        .objects = kit.objects,
        .links = kit.links,
        .blocks = kit.blocks,
    };
    for (uint32_t v = 0; v < kit.s.n_objects; v++)
        kit_object(&state, v);
    const uint32_t n_links = random_below(&state, KIT_LINKS + 1);
    const uint32_t roots = random_below(&state, 2);
    for (uint32_t i = 0; i < n_links; i++)
        kit_link(&state, roots);
    qsort(kit.links, n_links, sizeof *kit.links, by_owner);
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        if (random_below(&state, 3) == 0)
            kit.objects[v].rc +=
                random_ext(&state, seed % 2 ? RANDOM_NEGATIVE : RANDOM_SOUND);
        if (random_below(&state, 4) > 0)
            continue;
        const uint32_t b = kit.s.n_blocks++;
        kit.blocks[b] = (struct block){
            .addr = 0x1000 * (uint64_t)(b + 1),
            .size = 100 * (uint64_t)(1 + random_below(&state, 9)),
            .object = OURO_NONE,
            .owner = v,
        };
    }
}

/* Of the edges inside a ring; `members` as a set. */
static inline void kit_id(uint32_t members, char id[17])
{
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        if (k->owner == OURO_NONE || !(members >> k->owner & 1) ||
            !(members >> k->target & 1))
            continue;
        const uint32_t from = kit.objects[k->owner].type - 1;
        const uint32_t to = kit.objects[k->target].type - 1;
        const uint32_t field = k->field - 1 - KIT_TYPES;
        kinds |= 1u << ((from * KIT_TYPES + to) * KIT_FIELDS + field);
    }
    snprintf(id, 17, "%016x", kinds);
}

static inline uint32_t kit_members(uint32_t component)
{
    const struct components *k = &kit.q.o.k;
    uint32_t set = 0;
    for (uint32_t i = k->first[component]; i < k->first[component + 1]; i++)
        set |= 1u << k->member[i];
    return set;
}

static inline int kit_by_id(const void *a, const void *b)
{
    return strcmp(((const struct draft *)a)->id, ((const struct draft *)b)->id);
}

static inline void kit_drafts(void)
{
    struct inquiry *q = &kit.q;
    for (uint32_t i = 0; i < q->rings.n; i++)
        kit_id(kit_members(q->rings.kind[i].component), q->rings.kind[i].id);
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        struct draft *d = inquiry_draft(q, FINDING_CYCLE, i);
        kit_id(kit_members(q->cycles[i].component), d->id);
    }
    for (uint32_t i = 0; i < q->misuses.n; i++)
        snprintf(inquiry_draft(q, FINDING_MISUSE, i)->id, 17, "z%015x",
                 q->misuses.at[i].type);
    if (q->n_drafts > 0)
        qsort(q->drafts, q->n_drafts, sizeof *q->drafts, kit_by_id);
}

/* Who reaches whom within `in`, by going on until nothing is new. */
static inline void kit_reach(uint32_t in, uint32_t reach[KIT_OBJECTS])
{
    memset(reach, 0, KIT_OBJECTS * sizeof *reach);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < kit.s.n_links; i++) {
            const struct link *k = &kit.links[i];
            if (k->owner == OURO_NONE || !(in >> k->owner & 1) ||
                !(in >> k->target & 1))
                continue;
            const uint32_t is =
                reach[k->owner] | 1u << k->target | reach[k->target];
            more |= is != reach[k->owner];
            reach[k->owner] = is;
        }
    }
}

static inline void kit_components(void)
{
    uint32_t reach[KIT_OBJECTS];
    kit_reach(kit.unreachable, reach);
    for (uint32_t v = 0; v < kit.s.n_objects; v++) {
        kit.component[v] = 1u << v;
        for (uint32_t w = 0; w < kit.s.n_objects; w++)
            if (reach[v] >> w & 1 && reach[w] >> v & 1)
                kit.component[v] |= 1u << w;
    }
}

/* All steps that need no trace, with ids of our own. */
static inline void kit_make(uint64_t seed)
{
    struct err e;
    kit.q = (struct inquiry){.s = &kit.s, .t = &kit.t, .out = &kit.out};
    strings_init(&kit.t.strings);
    for (uint32_t i = 0; i < KIT_TYPES + KIT_FIELDS; i++)
        strings_id(&kit.t.strings, (const char[]){(char)('A' + i), 0}, 2);
    groups_init(&kit.q.misuses);
    kit_shadow(seed);
    struct inquiry *q = &kit.q;
    ck_assert(object_graph_make(&q->o, &q->scratch, &kit.s, &e) == 0);
    q->w = weights_find(&q->scratch, &kit.s);
    q->wanted = ARENA_ARRAY(&q->scratch, KIT_OBJECTS, unsigned char);
    kit.unreachable = set_of(q->o.u.in, kit.s.n_objects);
    kit_components();
    cycles_gather(q);
    zombies_gather(q);
    misuses_date(q);
    kit_drafts();
    holders_find(q);
}

static inline void kit_release(void)
{
    struct inquiry *q = &kit.q;
    free(q->cycles);
    free(q->rings.kind);
    free(q->zombies);
    free(q->drafts);
    groups_release(&q->misuses);
    holders_release(&q->holders);
    arena_release(&q->scratch);
    arena_release(&kit.out);
    strings_release(&kit.t.strings);
    memset(&kit, 0, sizeof kit);
}

static inline bool kit_is_excused(uint32_t v)
{
    return kit.objects[v].flags & OBJECT_IMMORTAL;
}

/* May it go, if `gone` is: every owner has, and they had all its counts. */
static inline bool kit_goes(uint32_t v, uint32_t gone)
{
    int64_t owners = 0;
    const bool judged = kit.unreachable >> v & 1;
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        if (k->target != v)
            continue;
        owners++;
        if (judged && k->owner != OURO_NONE && kit.component[v] >> k->owner & 1)
            continue;
        /* whose count is missing, or it would be alive */
        if (judged &&
            (k->owner == OURO_NONE || !(kit.unreachable >> k->owner & 1)))
            continue;
        if (k->owner == OURO_NONE || !(gone >> k->owner & 1))
            return false;
    }
    return judged || (owners > 0 && owners == kit.objects[v].rc);
}

/* Nothing unreachable outside its ring, if it is in one, points at it. */
static inline bool kit_is_source(uint32_t v)
{
    for (uint32_t i = 0; i < kit.s.n_links; i++) {
        const struct link *k = &kit.links[i];
        if (kit.component[v] >> k->target & 1 && k->owner != OURO_NONE &&
            kit.unreachable >> k->owner & 1 &&
            !(kit.component[v] >> k->owner & 1))
            return false;
    }
    return kit.unreachable >> v & 1;
}

/* Everything that is freed once `gone` is: by trying again and again. */
static inline uint32_t kit_freed(uint32_t gone)
{
    for (uint32_t before = 0; before != gone;) {
        before = gone;
        for (uint32_t v = 0; v < kit.s.n_objects; v++) {
            const bool judged = kit.unreachable >> v & 1;
            const uint32_t with = judged ? kit.component[v] : 1u << v;
            bool all = !kit_is_excused(v);
            for (uint32_t w = 0; w < kit.s.n_objects; w++)
                all = all && (!(with >> w & 1) || kit_goes(w, before));
            if (all && !kit_is_source(v))
                gone |= with;
        }
    }
    return gone;
}

#endif
