/* SPDX-License-Identifier: MIT */
#include "explain/weaken.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    MOST_TRIED = 32,
    TRIES_OF_GIANTS = 3,
    SMALL = 1 << 20, /* steps that any finding may take */
};

/* A field that may be made weak, and the newest link through it. */
struct choice {
    struct weak_field field;
    const struct link *link;
};

struct search {
    struct inquiry *q;
    const struct cycle_group *g;
    struct finding *f;
    uint64_t spent, budget;
    uint32_t n_choices, n_known; /* n_known: distinct ones met */
    struct choice choices[MOST_TRIED];
    struct weak_set set;
    struct choice chosen[WEAK_MOST]; /* for the set */
};

/* The newest first, the others in order behind it. */
static uint32_t newest_of(const struct link *const *links, uint32_t n)
{
    uint32_t newest = 0;
    for (uint32_t i = 1; i < n; i++)
        if (links[i]->stamp > links[newest]->stamp)
            newest = i;
    return newest;
}

/* Each field of a way round once; of many, the first MOST_TRIED are kept. */
static void choose_from(struct search *s, const struct link *const *links,
                        uint32_t n)
{
    struct table seen = {0};
    const uint32_t newest = newest_of(links, n);
    s->n_choices = s->n_known = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct link *k = links[(newest + i) % n];
        const struct weak_field field = weak_field_of(s->q, k);
        const uint64_t key =
            XXH64(&field.field, sizeof field.field, field.type);
        if (table_get(&seen, key))
            continue;
        table_set(&seen, key, 1);
        if (s->n_known++ >= MOST_TRIED)
            continue;
        s->choices[s->n_choices++] = (struct choice){field, k};
    }
    table_release(&seen);
}

static struct weak_result try_set(struct search *s, const struct weak_set *w)
{
    const struct weak_result is = weak_fall(s->q, s->g->holder, w);
    if (s->spent == 0)
        s->budget = TRIES_OF_GIANTS * is.cost + SMALL;
    s->spent += is.cost;
    return is;
}

static bool may_try(const struct search *s)
{
    return s->spent == 0 || s->spent < s->budget;
}

static bool opens(const struct search *s, const struct weak_result *is)
{
    return is->members == s->f->objects;
}

/* "items[17].key" is told as "items[].key". */
static const char *without_numbers(struct inquiry *q, const char *field)
{
    char *text = arena_text(q->out, field, strlen(field));
    char *to = text;
    for (const char *at = text; *at; at++) {
        *to++ = *at;
        if (*at == '[')
            at += strspn(at + 1, "0123456789");
    }
    *to = 0;
    return text;
}

/* Of the last fall, `is`; `at`: which of its fields. */
static void offer(struct search *s, const struct choice *c, bool alone,
                  const struct weak_result *is, uint32_t at)
{
    char text[FIELD_TEXT];
    struct inquiry *q = s->q;
    struct finding_weaken *w = &s->f->weaken[s->f->n_weaken++];
    *w = (struct finding_weaken){
        .type = inquiry_text(q, q->s->objects[c->link->owner].type),
        .field = without_numbers(q, inquiry_field(q, c->link, text)),
        .alone = alone,
        .edges = is->edges[at],
        .frees_objects = is->freed.objects,
        .frees_blocks = is->freed.blocks,
        .frees_bytes = is->freed.bytes,
    };
    w->stays = weak_stays(q, s->g->holder, &w->n_stays);
}

/* Offers the choices that alone open it. If there is none, one of them joins
   the set: the one that frees most members. Returns whether all are free. */
static bool add_best(struct search *s)
{
    uint64_t most = 0;
    uint32_t best = 0;
    struct weak_set *w = &s->set;
    const uint32_t at = w->n++;
    for (uint32_t i = 0; i < s->n_choices && (i == 0 || may_try(s)); i++) {
        w->at[at] = s->choices[i].field;
        const struct weak_result is = try_set(s, w);
        s->f->weaken_tried += at == 0;
        if (at == 0 && opens(s, &is))
            offer(s, &s->choices[i], true, &is, 0);
        if (is.members > most) {
            most = is.members;
            best = i;
        }
    }
    s->chosen[at] = s->choices[best];
    w->at[at] = s->choices[best].field;
    return most == s->f->objects;
}

/* The cycle of the eldest object that the set leaves; OURO_NONE: all go. */
static uint32_t find_rest(const struct search *s)
{
    const struct inquiry *q = s->q;
    const struct holders *h = &q->holders;
    for (uint32_t i = h->first[s->g->holder]; i < h->first[s->g->holder + 1];
         i++) {
        const uint32_t c = q->o.k.of[h->list[i]];
        if (c != UINT32_MAX && q->o.k.source[c] &&
            !weak_is_freed(q, h->list[i]))
            return c;
    }
    return OURO_NONE;
}

/* Links of cycle c between members that the set leaves. */
static uint32_t *list_rest(struct search *s, uint32_t c, uint32_t *n,
                           struct edge **edges)
{
    const struct inquiry *q = s->q;
    const struct components *k = &q->o.k;
    uint32_t *links = NULL;
    uint32_t room = 0, edges_room = 0, n_edges = 0;
    *n = 0;
    for (uint32_t at = k->first[c]; at < k->first[c + 1]; at++) {
        const uint32_t v = k->member[at];
        for (uint32_t i = q->o.g.first[v];
             !weak_is_freed(q, v) && i < q->o.g.first[v + 1]; i++) {
            const uint32_t w = q->o.g.to[i];
            const struct link *l = object_graph_link(&q->o, i);
            if (k->of[w] != c ||
                weak_set_find(&s->set, weak_field_of(s->q, l)) < s->set.n)
                continue;
            GROW(links, *n, room);
            links[(*n)++] = (uint32_t)(l - q->s->links);
            GROW(*edges, n_edges, edges_room);
            (*edges)[n_edges++] = (struct edge){k->place[v], k->place[w]};
        }
    }
    return links;
}

/* A shortest way round what the set leaves of a cycle becomes what is to be
   chosen from. False: nothing is left. */
static bool choose_from_rest(struct search *s)
{
    struct arena scratch = {0};
    struct edge *edges = NULL;
    uint32_t n;
    try_set(s, &s->set);
    const uint32_t rest = find_rest(s);
    if (rest == OURO_NONE)
        return false;
    uint32_t *links = list_rest(s, rest, &n, &edges);
    const struct graph g =
        graph_build(&scratch, s->q->o.k.size[rest], edges, n);
    const struct components k = components_find(&scratch, &g, NULL);
    uint32_t c = 0;
    while (!k.ring[c])
        c++;
    const struct witness w = witness_find(&scratch, &g, &k, c);
    const struct link **way = ARENA_ARRAY(&scratch, w.n, const struct link *);
    for (uint32_t i = 0; i < w.n; i++)
        way[i] = &s->q->s->links[links[g.edge[w.edge[i]]]];
    choose_from(s, way, w.n);
    free(links);
    free(edges);
    arena_release(&scratch);
    return true;
}

/* What the others make needless goes. */
static void drop_needless(struct search *s)
{
    struct weak_set *w = &s->set;
    for (uint32_t i = 0; w->n > 1 && i < w->n;) {
        struct weak_set less = *w;
        less.n--;
        memmove(&less.at[i], &less.at[i + 1], (less.n - i) * sizeof *less.at);
        const struct weak_result is = try_set(s, &less);
        if (!opens(s, &is)) {
            i++;
            continue;
        }
        *w = less;
        memmove(&s->chosen[i], &s->chosen[i + 1],
                (less.n - i) * sizeof *s->chosen);
    }
}

static void offer_set(struct search *s)
{
    drop_needless(s);
    const struct weak_result is = try_set(s, &s->set);
    for (uint32_t i = 0; i < s->set.n; i++)
        offer(s, &s->chosen[i], false, &is, i);
}

void weaken_find(struct inquiry *q, const struct cycle_group *g,
                 const struct link *const *witness, uint32_t n,
                 struct finding *f)
{
    struct search s = {.q = q, .g = g, .f = f};
    if (n == 0)
        return;
    f->weaken = ARENA_ARRAY(q->out, MOST_TRIED, struct finding_weaken);
    choose_from(&s, witness, n);
    f->weaken_fields = s.n_known;
    bool open = add_best(&s);
    while (!open && s.set.n < WEAK_MOST && may_try(&s) && choose_from_rest(&s))
        open = add_best(&s);
    if (open && f->n_weaken == 0)
        offer_set(&s);
}
