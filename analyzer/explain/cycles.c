/* SPDX-License-Identifier: MIT */
/*
 * Source components that are rings, grouped by what their edges look like
 * before any stack has a name: (type, stack) -field-> (type, stack). Ten
 * thousand rings that one loop left behind are one group, and only the smallest
 * of them is ever described.
 */
#include "explain/cycles.h"
#include "explain/fingerprint.h"

#include <stdlib.h>
#include <xxhash.h>

struct ring {
    uint64_t key, birth;
    uint32_t size, component;
};

uint64_t cycles_edge_key(const struct inquiry *q, uint64_t seed,
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

void cycles_each_edge(const struct inquiry *q, uint32_t component,
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
    const uint64_t key = cycles_edge_key(s->q, s->seed, k);
    if (table_get(&s->seen, key))
        return;
    table_set(&s->seen, key, 1);
    s->sum += XXH64(&key, sizeof key, s->seed);
}

static struct ring ring_of(const struct inquiry *q, uint64_t seed, uint32_t c)
{
    struct keys keys = {.q = q, .seed = seed};
    cycles_each_edge(q, c, add_key, &keys);
    table_release(&keys.seen);
    const uint32_t eldest = q->o.k.member[q->o.k.first[c]];
    return (struct ring){
        .key = keys.sum,
        .birth = q->s->objects[eldest].birth,
        .size = q->o.k.size[c],
        .component = c,
    };
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Equal ones in a row, the smallest first. */
static int by_key(const void *a, const void *b)
{
    const struct ring *x = a;
    const struct ring *y = b;
    int c = compare(x->key, y->key);
    if (c == 0)
        c = compare(x->size, y->size);
    return c ? c : compare(x->birth, y->birth);
}

static void add(struct held *sum, struct held more)
{
    sum->objects += more.objects;
    sum->blocks += more.blocks;
    sum->bytes += more.bytes;
}

static void count_types(struct inquiry *q, struct cycle_group *g,
                        const struct ring *rings, uint32_t n)
{
    uint64_t *count = q->type_counts;
    uint32_t *met = NULL;
    uint32_t n_met = 0;
    uint32_t room = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t c = rings[i].component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++) {
            const uint32_t type = q->s->objects[q->o.k.member[at]].type;
            if (count[type]++ > 0)
                continue;
            GROW(met, n_met, room);
            met[n_met++] = type;
        }
    }
    g->n_types = n_met;
    g->types = ARENA_ARRAY(q->out, n_met, struct finding_type);
    for (uint32_t i = 0; i < n_met; i++) {
        g->types[i].type = inquiry_text(q, met[i]);
        g->types[i].count = count[met[i]];
        count[met[i]] = 0;
    }
    free(met);
}

static struct cycle_group group_of(struct inquiry *q, const struct ring *rings,
                                   uint32_t n)
{
    struct cycle_group g = {
        .component = rings[0].component,
        .birth = rings[0].birth,
        .instances = n,
    };
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t c = rings[i].component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
            add(&g.own, inquiry_own(q, q->o.k.member[at]));
        add(&g.held, cascade_source(&q->cascade, c));
    }
    count_types(q, &g, rings, n);
    return g;
}

static void want_members(struct inquiry *q, uint32_t c)
{
    for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
        q->wanted[q->o.k.member[at]] = 1;
}

static void group_rings(struct inquiry *q, const struct ring *rings, uint32_t n)
{
    q->type_counts = ARENA_ARRAY(&q->scratch, q->t->strings.n, uint64_t);
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i + 1;
        while (end < n && rings[end].key == rings[i].key)
            end++;
        GROW(q->cycles, q->n_cycles, q->cycles_room);
        q->cycles[q->n_cycles++] = group_of(q, &rings[i], end - i);
        want_members(q, rings[i].component);
        i = end;
    }
}

void cycles_gather(struct inquiry *q)
{
    const uint64_t seed = hash_seed();
    struct ring *rings = NULL;
    uint32_t n = 0;
    uint32_t room = 0;
    for (uint32_t c = 0; c < q->o.k.n; c++) {
        if (!q->o.k.source[c] || !q->o.k.ring[c])
            continue;
        GROW(rings, n, room);
        rings[n++] = ring_of(q, seed, c);
    }
    if (n > 0)
        qsort(rings, n, sizeof *rings, by_key);
    group_rings(q, rings, n);
    free(rings);
}

static void note_newest(void *to, const struct link *k)
{
    struct lowering *newest = to;
    if (!newest->known || k->stamp > newest->stamp)
        *newest = (struct lowering){true, k->stamp, k->stack};
}

/* Counts minus links inside fell last when a count was given back, or when a
   link inside took over a count from outside. */
void cycles_date(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        struct cycle_group *g = &q->cycles[i];
        const uint32_t c = g->component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++) {
            const struct lowering l = inquiry_lowering(q, q->o.k.member[at]);
            if (l.known && (!g->released.known || l.stamp > g->released.stamp))
                g->released = l;
        }
        cycles_each_edge(q, c, note_newest, &g->linked);
    }
}

static void ask_edge(void *to, const struct link *k)
{
    inquiry_ask(to, k->stack);
}

void cycles_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        const struct cycle_group *g = &q->cycles[i];
        const uint32_t c = g->component;
        for (uint32_t at = q->o.k.first[c]; at < q->o.k.first[c + 1]; at++)
            inquiry_ask(q, q->s->objects[q->o.k.member[at]].stack);
        cycles_each_edge(q, c, ask_edge, q);
        inquiry_ask(q, g->released.stack);
    }
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
    const uint64_t key = cycles_edge_key(p->q, p->seed, k);
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

static void identify(struct inquiry *q, uint32_t component, char id[17])
{
    struct parts p = {.q = q, .seed = hash_seed()};
    cycles_each_edge(q, component, add_part, &p);
    fingerprint_set(id, "cycle", p.at, p.n);
    table_release(&p.seen);
    free(p.at);
}

void cycles_draft(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->n_cycles; i++) {
        const struct cycle_group *g = &q->cycles[i];
        struct draft *d = inquiry_draft(q, FINDING_CYCLE, i);
        identify(q, g->component, d->id);
        d->size = q->o.k.size[g->component];
        d->birth = g->birth;
        d->instances = g->instances;
        d->own = g->own;
        d->held = g->held;
        d->n_types = g->n_types;
        d->types = g->types;
    }
}
