/* SPDX-License-Identifier: MIT */
#include "explain/fingerprint.h"
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct fall {
    struct inquiry *q;
    uint32_t holder, n;
    const struct weak_set *weak;
    struct weak_result is;
};

static void prepare(struct inquiry *q)
{
    struct weak_fall *w = &q->weak;
    if (w->field_hash)
        return;
    w->field_hash = ARENA_ARRAY(&q->scratch, q->t->strings.n, uint64_t);
    w->turn = ARENA_ARRAY(&q->scratch, q->o.g.n, uint32_t);
    w->left = ARENA_ARRAY(&q->scratch, q->o.g.n, uint32_t);
    w->queue = ARENA_ARRAY(&q->scratch, q->o.g.n, uint32_t);
    w->ring_turn = ARENA_ARRAY(&q->scratch, q->o.k.n, uint32_t);
    w->ring_at = ARENA_ARRAY(&q->scratch, q->o.k.n, uint32_t);
}

struct weak_field weak_field_of(struct inquiry *q, const struct link *k)
{
    const uint32_t type = q->s->objects[k->owner].type;
    prepare(q);
    if (k->field == 0) {
        const uint64_t place[] = {k->in_owned,
                                  k->in_owned ? 0 : (uint64_t)k->offset};
        return (struct weak_field){type, XXH64(place, sizeof place, 1)};
    }
    uint64_t *hash = &q->weak.field_hash[k->field];
    if (*hash == 0)
        *hash = fingerprint_field(inquiry_text(q, k->field));
    return (struct weak_field){type, *hash};
}

uint32_t weak_set_find(const struct weak_set *w, struct weak_field k)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->at[i].type == k.type && w->at[i].field == k.field)
            return i;
    return w->n;
}

static bool has_type(const struct weak_set *w, uint32_t type)
{
    for (uint32_t i = 0; i < w->n; i++)
        if (w->at[i].type == type)
            return true;
    return false;
}

static bool is_member(const struct inquiry *q, uint32_t v)
{
    return q->o.u.in[v] && q->o.k.source[q->o.k.of[v]];
}

/* One count of v less. */
static void give_up(struct fall *f, uint32_t v)
{
    struct weak_fall *w = &f->q->weak;
    if (f->q->holders.set[v] != f->holder)
        return;
    if (w->turn[v] != w->n_turns) {
        w->turn[v] = w->n_turns;
        w->left[v] = (uint32_t)f->q->o.rc[v];
    }
    if (--w->left[v] == 0)
        w->queue[f->n++] = v;
}

/* Which of the weak fields edge i is; their number: none. */
static uint32_t weak_at(const struct fall *f, uint32_t i)
{
    const struct link *k = object_graph_link(&f->q->o, i);
    return weak_set_find(f->weak, weak_field_of(f->q, k));
}

static void take_out(struct fall *f, uint32_t v)
{
    const struct object_graph *o = &f->q->o;
    f->is.cost += 1 + o->g.first[v + 1] - o->g.first[v];
    if (!has_type(f->weak, f->q->s->objects[v].type))
        return;
    for (uint32_t i = o->g.first[v]; i < o->g.first[v + 1]; i++) {
        const uint32_t to = o->g.to[i];
        const uint32_t at = weak_at(f, i);
        if (at == f->weak->n)
            continue;
        give_up(f, to);
        f->is.edges[at] += is_member(f->q, v) && o->k.of[v] == o->k.of[to];
    }
}

static void free_object(struct fall *f, uint32_t v)
{
    const struct object_graph *o = &f->q->o;
    const bool some_weak = has_type(f->weak, f->q->s->objects[v].type);
    held_add(&f->is.freed, inquiry_own(f->q, v));
    f->is.members += is_member(f->q, v);
    for (uint32_t i = o->g.first[v]; i < o->g.first[v + 1]; i++)
        if (!some_weak || weak_at(f, i) == f->weak->n)
            give_up(f, o->g.to[i]);
}

struct weak_result weak_fall(struct inquiry *q, uint32_t holder,
                             const struct weak_set *w)
{
    const struct holders *h = &q->holders;
    struct fall f = {.q = q, .holder = holder, .weak = w};
    prepare(q);
    q->weak.n_turns++;
    for (uint32_t i = h->first[holder]; i < h->first[holder + 1]; i++)
        take_out(&f, h->list[i]);
    for (uint32_t at = 0; at < f.n; at++)
        free_object(&f, q->weak.queue[at]);
    return f.is;
}

bool weak_is_freed(const struct inquiry *q, uint32_t object)
{
    return q->weak.turn[object] == q->weak.n_turns && q->weak.left[object] == 0;
}

static int by_id(const void *a, const void *b)
{
    const struct finding_ring *x = a;
    const struct finding_ring *y = b;
    return strcmp(x->id, y->id);
}

struct stays {
    uint32_t n, room;
    struct finding_ring *at;
};

/* One more object of ring c stays. */
static void add_stay(struct inquiry *q, struct stays *s, uint32_t c)
{
    struct weak_fall *w = &q->weak;
    if (w->ring_turn[c] != w->n_ring_turns) {
        w->ring_turn[c] = w->n_ring_turns;
        w->ring_at[c] = s->n;
        GROW(s->at, s->n, s->room);
        struct finding_ring *r = &s->at[s->n++];
        *r = (struct finding_ring){.rings = 1};
        memcpy(r->id, q->rings.kind[q->rings.kind_of[c]].id, sizeof r->id);
    }
    s->at[w->ring_at[c]].objects++;
}

/* Each ring that is held and of which something is left. */
static struct stays list_stays(struct inquiry *q, uint32_t holder)
{
    const struct holders *h = &q->holders;
    const struct components *k = &q->o.k;
    struct stays s = {0};
    q->weak.n_ring_turns++;
    for (uint32_t i = h->first[holder]; i < h->first[holder + 1]; i++) {
        const uint32_t v = h->list[i];
        const uint32_t c = k->of[v];
        if (c != UINT32_MAX && !k->source[c] && k->ring[c] &&
            !weak_is_freed(q, v))
            add_stay(q, &s, c);
    }
    return s;
}

struct finding_ring *weak_stays(struct inquiry *q, uint32_t holder, uint32_t *n)
{
    struct stays s = list_stays(q, holder);
    if (s.n > 0)
        qsort(s.at, s.n, sizeof *s.at, by_id);
    *n = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        if (*n > 0 && by_id(&s.at[*n - 1], &s.at[i]) == 0) {
            s.at[*n - 1].rings++;
            s.at[*n - 1].objects += s.at[i].objects;
        } else {
            s.at[(*n)++] = s.at[i];
        }
    }
    struct finding_ring *told = ARENA_ARRAY(q->out, *n, struct finding_ring);
    if (*n > 0)
        memcpy(told, s.at, *n * sizeof *told);
    free(s.at);
    return told;
}
