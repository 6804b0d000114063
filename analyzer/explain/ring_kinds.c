/* SPDX-License-Identifier: MIT */
#include "explain/ring_kinds.h"

#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Equal for links that say the same before names. */
static uint64_t edge_key(const struct inquiry *q, uint64_t seed,
                         const struct link *k)
{
    const struct object *owner = &q->s->objects[k->owner];
    const struct object *target = &q->s->objects[k->target];
    const uint64_t said[] = {
        owner->type,
        owner->stack,
        target->type,
        target->stack,
        k->field,
        !k->field && k->in_owned,
        k->field || k->in_owned ? 0 : (uint64_t)k->offset,
    };
    return XXH64(said, sizeof said, seed);
}

void rings_each_edge(const struct inquiry *q, uint32_t component,
                     void (*visit)(void *to, const struct link *k), void *to)
{
    const struct components *k = &q->o.k;
    for (uint32_t at = k->first[component]; at < k->first[component + 1];
         at++) {
        const uint32_t v = k->member[at];
        for (uint32_t i = q->o.g.first[v]; i < q->o.g.first[v + 1]; i++)
            if (k->of[q->o.g.to[i]] == component)
                visit(to, object_graph_link(&q->o, i));
    }
}

struct keys {
    const struct inquiry *q;
    uint64_t seed;
    struct table seen;
    uint64_t sum;
};

/* A sum over the set of keys: the order in which edges come is no part of it.
 */
static void add_key(void *to, const struct link *k)
{
    struct keys *s = to;
    const uint64_t key = edge_key(s->q, s->seed, k);
    if (table_get(&s->seen, key))
        return;
    table_set(&s->seen, key, 1);
    s->sum += XXH64(&key, sizeof key, s->seed);
}

static struct ring ring_of(struct keys *keys, uint32_t c)
{
    const struct inquiry *q = keys->q;
    keys->sum = 0;
    table_clear(&keys->seen);
    rings_each_edge(q, c, add_key, keys);
    const uint32_t eldest = q->o.k.member[q->o.k.first[c]];
    return (struct ring){
        .key = keys->sum,
        .birth = q->s->objects[eldest].birth,
        .size = q->o.k.size[c],
        .component = c,
        .source = q->o.k.source[c],
    };
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_kind(const void *a, const void *b)
{
    const struct ring *x = a;
    const struct ring *y = b;
    int c = compare(x->key, y->key);
    if (c == 0)
        c = compare(y->source, x->source);
    if (c == 0)
        c = compare(x->size, y->size);
    return c ? c : compare(x->birth, y->birth);
}

/* Rings of one kind stand in a row. */
static void number_kinds(struct ring_kinds *r, const struct ring *ring,
                         uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || ring[i - 1].key != ring[i].key) {
            GROW(r->kind, r->n, r->room);
            r->kind[r->n++] = (struct ring_kind){
                .component = ring[i].component,
                .group = OURO_NONE,
            };
        }
        r->kind_of[ring[i].component] = r->n - 1;
    }
}

struct ring *rings_find(struct inquiry *q, uint32_t *n)
{
    struct keys keys = {.q = q, .seed = hash_seed()};
    const struct components *k = &q->o.k;
    struct ring *ring = NULL;
    uint32_t room = 0;
    *n = 0;
    q->rings.kind_of = ARENA_ARRAY(&q->scratch, k->n, uint32_t);
    memset(q->rings.kind_of, 0xff, k->n * sizeof *q->rings.kind_of);
    for (uint32_t c = 0; c < k->n; c++) {
        if (!k->ring[c])
            continue;
        GROW(ring, *n, room);
        ring[(*n)++] = ring_of(&keys, c);
    }
    table_release(&keys.seen);
    if (*n > 0)
        qsort(ring, *n, sizeof *ring, by_kind);
    number_kinds(&q->rings, ring, *n);
    return ring;
}

void rings_ask_one(struct inquiry *q, uint32_t c)
{
    const struct components *k = &q->o.k;
    for (uint32_t at = k->first[c]; at < k->first[c + 1]; at++)
        inquiry_ask(q, q->s->objects[k->member[at]].stack);
}

void rings_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->rings.n; i++)
        rings_ask_one(q, q->rings.kind[i].component);
}

struct parts {
    struct inquiry *q;
    uint64_t seed;
    struct table seen;
    uint32_t n, room;
    uint64_t *at;
};

/* A part for each kind of edge; how many there are of a kind does not count. */
static void add_part(void *to, const struct link *k)
{
    struct parts *p = to;
    const uint64_t key = edge_key(p->q, p->seed, k);
    if (table_get(&p->seen, key))
        return;
    table_set(&p->seen, key, 1);
    const struct object *owner = &p->q->s->objects[k->owner];
    const struct object *target = &p->q->s->objects[k->target];
    const uint64_t from = inquiry_part(p->q, owner->type, owner->stack);
    const uint64_t at = inquiry_part(p->q, target->type, target->stack);
    char text[FIELD_TEXT];
    GROW(p->at, p->n, p->room);
    p->at[p->n++] = fingerprint_edge(from, inquiry_field(p->q, k, text), at);
}

void rings_identify_one(struct inquiry *q, uint32_t component, char id[17])
{
    struct parts p = {.q = q, .seed = hash_seed()};
    rings_each_edge(q, component, add_part, &p);
    fingerprint_set(id, "cycle", p.at, p.n);
    table_release(&p.seen);
    free(p.at);
}

void rings_identify(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->rings.n; i++)
        rings_identify_one(q, q->rings.kind[i].component, q->rings.kind[i].id);
}
