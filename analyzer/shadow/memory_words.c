/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "shadow/memory_map.h"

#include <stdlib.h>
#include <string.h>

struct hits {
    const struct memory *m;
    const unsigned char *wanted;
    uint32_t most;
    struct word_cursor cursor;
    uint32_t *n_counting, *n_others; /* by node: how many there are so far */
    struct memory_word *at;
    uint32_t n, room;
};

static void hit(struct hits *h, const struct memory_word *w)
{
    uint32_t *n = w->counts ? h->n_counting : h->n_others;
    if (!h->wanted[w->to] || n[w->to] == h->most)
        return;
    n[w->to]++;
    GROW(h->at, h->n, h->room);
    h->at[h->n++] = *w;
}

static int visit(void *to, uint32_t region, const struct snapshot_word *words,
                 uint32_t n)
{
    (void)region;
    struct hits *h = to;
    for (uint32_t i = 0; i < n; i++) {
        const struct sight s = memory_sight(h->m, &h->cursor, &words[i]);
        if (s.to == OURO_NONE)
            continue;
        hit(h, &(struct memory_word){.place = s.origin.place,
                                     .from = s.origin.from,
                                     .to = s.to,
                                     .thread = s.origin.thread,
                                     .at = words[i].at,
                                     .value = words[i].value,
                                     .unsure = s.unsure,
                                     .counts = s.counts});
    }
    return 0;
}

static void look_at_registers(struct hits *h)
{
    const struct snapshot *s = h->m->snapshot;
    for (uint32_t i = 0; i < s->n_threads; i++)
        for (uint32_t k = 0; k < s->threads[i].n_registers; k++) {
            const uint64_t value = s->threads[i].registers[k];
            const struct aim aim = memory_aim(h->m, value);
            if (aim.node == OURO_NONE)
                continue;
            hit(h, &(struct memory_word){.place = MEMORY_IN_REGISTER,
                                         .from = OURO_NONE,
                                         .to = aim.node,
                                         .thread = i,
                                         .at = k,
                                         .value = value,
                                         .unsure = aim.unsure,
                                         .counts = true});
        }
}

static int by_target(const void *a, const void *b)
{
    const struct memory_word *x = a;
    const struct memory_word *y = b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    if (x->counts != y->counts)
        return x->counts ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->thread > y->thread) - (x->thread < y->thread);
}

/* In order, and no more than `most` for each node. */
static uint32_t choose(struct hits *h)
{
    uint32_t kept = 0;
    uint32_t of_node = 0;
    if (h->n > 0)
        qsort(h->at, h->n, sizeof *h->at, by_target);
    for (uint32_t i = 0; i < h->n; i++) {
        of_node = i > 0 && h->at[i].to == h->at[i - 1].to ? of_node + 1 : 1;
        if (of_node <= h->most)
            h->at[kept++] = h->at[i];
    }
    return kept;
}

int memory_words(const struct memory *m, struct trace *t,
                 const unsigned char *wanted, uint32_t most, struct arena *a,
                 struct memory_word **words, uint32_t *n, struct err *e)
{
    struct hits h = {.m = m, .wanted = wanted, .most = most};
    h.n_counting = must_calloc(m->g.n, sizeof *h.n_counting);
    h.n_others = must_calloc(m->g.n, sizeof *h.n_others);
    look_at_registers(&h);
    const int rc = snapshot_walk(t, m->snapshot, visit, &h, e);
    *n = rc == 0 ? choose(&h) : 0;
    *words = ARENA_ARRAY(a, *n, struct memory_word);
    if (*n > 0)
        memcpy(*words, h.at, *n * sizeof **words);
    free(h.n_counting);
    free(h.n_others);
    free(h.at);
    return rc;
}

struct filling {
    struct memory_slot *slots;
    uint32_t n, next;
};

static int fill(void *to, uint32_t region, const struct snapshot_word *words,
                uint32_t n)
{
    (void)region;
    struct filling *f = to;
    for (uint32_t i = 0; i < n && f->next < f->n; i++) {
        while (f->next < f->n && f->slots[f->next].at < words[i].at)
            f->next++;
        while (f->next < f->n && f->slots[f->next].at == words[i].at)
            f->slots[f->next++].value = words[i].value;
    }
    return 0;
}

int memory_slots(const struct memory *m, struct trace *t,
                 struct memory_slot *slots, uint32_t n, struct err *e)
{
    struct filling f = {.slots = slots, .n = n};
    for (uint32_t i = 0; i < n; i++)
        slots[i].value = 0;
    return snapshot_walk(t, m->snapshot, fill, &f, e);
}
