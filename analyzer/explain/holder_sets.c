/* SPDX-License-Identifier: MIT */
#include "explain/holder_sets.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct content {
    uint32_t n;
    bool more;
    uint32_t at[HOLDERS_MOST];
};

static uint32_t add(struct holder_sets *s, const struct content *c)
{
    GROW(s->at, s->n, s->room);
    s->at[s->n] = (struct holder_set){
        .first = s->n_members,
        .n = c->n,
        .more = c->more,
    };
    for (uint32_t i = 0; i < c->n; i++) {
        GROW(s->members, s->n_members, s->members_room);
        s->members[s->n_members++] = c->at[i];
    }
    return s->n++;
}

void holder_sets_init(struct holder_sets *s, uint32_t n_holders)
{
    *s = (struct holder_sets){.n_holders = n_holders, .seed = hash_seed()};
    for (uint32_t h = 0; h < n_holders; h++)
        add(s, &(struct content){.n = 1, .at = {h}});
    add(s, &(struct content){0});
}

void holder_sets_release(struct holder_sets *s)
{
    free(s->at);
    free(s->members);
    table_release(&s->of_pair);
    table_release(&s->of_content);
    *s = (struct holder_sets){0};
}

/* The smallest of both. */
static struct content merge(const struct holder_sets *s,
                            const struct holder_set *a,
                            const struct holder_set *b)
{
    const uint32_t *x = s->members + a->first;
    const uint32_t *y = s->members + b->first;
    const uint32_t *const x_end = x + a->n;
    const uint32_t *const y_end = y + b->n;
    struct content c = {.more = a->more || b->more};
    while (c.n < HOLDERS_MOST && (x < x_end || y < y_end)) {
        const bool from_x = y == y_end || (x < x_end && *x <= *y);
        const bool from_y = x == x_end || (y < y_end && *y <= *x);
        c.at[c.n++] = from_x ? *x : *y;
        x += from_x;
        y += from_y;
    }
    c.more |= x < x_end || y < y_end;
    return c;
}

static bool is_same(const struct holder_sets *s, uint32_t set,
                    const struct content *c)
{
    const struct holder_set *k = &s->at[set];
    return k->n == c->n && k->more == c->more &&
           memcmp(s->members + k->first, c->at, c->n * sizeof *c->at) == 0;
}

static uint32_t find(struct holder_sets *s, const struct content *c)
{
    if (c->n == 1 && !c->more)
        return c->at[0];
    const uint64_t hash =
        XXH64(c->at, c->n * sizeof *c->at, s->seed + (uint64_t)c->more);
    const uint32_t first = (uint32_t)table_get(&s->of_content, hash);
    for (uint32_t i = first; i != 0; i = s->at[i - 1].next)
        if (is_same(s, i - 1, c))
            return i - 1;
    const uint32_t made = add(s, c);
    s->at[made].next = first;
    table_set(&s->of_content, hash, (uint64_t)made + 1);
    return made;
}

uint32_t holder_sets_unite(struct holder_sets *s, uint32_t a, uint32_t b)
{
    if (a == b)
        return a;
    if (a == holder_sets_nobody(s) || b == holder_sets_nobody(s))
        return holder_sets_nobody(s);
    const uint64_t pair = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    const uint64_t known = table_get(&s->of_pair, pair);
    if (known)
        return (uint32_t)(known - 1);
    const struct content c = merge(s, &s->at[a], &s->at[b]);
    const uint32_t set = find(s, &c);
    table_set(&s->of_pair, pair, (uint64_t)set + 1);
    return set;
}

/* What c has goes to those behind it that no single source retains. */
static void pass_on(struct holder_sets *s, const struct graph *g,
                    const struct components *k, const struct retained *r,
                    uint32_t *of, uint32_t c)
{
    for (uint32_t at = k->first[c]; at < k->first[c + 1]; at++) {
        const uint32_t v = k->member[at];
        for (uint32_t i = g->first[v]; i < g->first[v + 1]; i++) {
            const uint32_t w = g->to[i];
            const uint32_t d = k->of[w];
            if (d == UINT32_MAX || d == c || r->held_by[w] != UINT32_MAX)
                continue;
            of[d] = of[d] == UINT32_MAX ? of[c]
                                        : holder_sets_unite(s, of[d], of[c]);
        }
    }
}

/* In topological order, which is from the highest number down. */
uint32_t *holder_flow(struct holder_sets *s, const struct graph *g,
                      const struct components *k, const struct retained *r,
                      uint32_t (*holder_of)(void *to, uint32_t source),
                      void *to)
{
    uint32_t *of = must_calloc(k->n, sizeof *of);
    memset(of, 0xff, k->n * sizeof *of);
    for (uint32_t c = k->n; c-- > 0;) {
        const uint32_t by = r->held_by[k->member[k->first[c]]];
        if (k->source[c])
            of[c] = holder_of(to, c);
        else if (by != UINT32_MAX)
            of[c] = of[by];
        pass_on(s, g, k, r, of, c);
    }
    return of;
}
