/* SPDX-License-Identifier: MIT */
/*
 * The words of memory that speak of a finding: who may own what has more counts
 * than references, and what may hold what is perhaps lost.
 *
 * What is perhaps lost is a component that nothing else of its kind points at:
 * what may hold it is a doubtful word of what is alive. Of its blocks the first
 * to which such a word leads is asked for.
 */
#include "collect/reach.h"
#include "explain/inquiry.h"

#include <string.h>

/* Words that are asked for at a node: some are left out later. */
enum { READ = 4 * FINDING_POINTERS };

static void enter(struct inquiry *q, uint32_t v)
{
    const struct components *k = &q->lost.possible.k;
    if (v >= q->m->n_blocks || q->m->reached[v] != REACHED_PERHAPS)
        return;
    uint32_t *entry = &q->entry[k->of[v]];
    if (*entry == OURO_NONE || v < *entry)
        *entry = v;
}

static void find_entries(struct inquiry *q)
{
    const struct memory *m = q->m;
    const uint32_t n = q->lost.possible.k.n;
    q->entry = ARENA_ARRAY(&q->scratch, n, uint32_t);
    if (n == 0)
        return;
    memset(q->entry, 0xff, n * sizeof *q->entry);
    for (uint32_t v = 0; v < m->g.n; v++) {
        if (m->root[v] == REACHED_PERHAPS)
            enter(q, v);
        if (m->reached[v] == REACHED_NOT ||
            (v < m->n_blocks && m->reached[v] == REACHED_PERHAPS))
            continue;
        for (uint32_t i = m->g.first[v]; i < m->g.first[v + 1]; i++)
            enter(q, m->g.to[i]);
    }
}

/* References by their targets, in a row for each. */
static void chain_links(struct inquiry *q)
{
    const struct shadow *s = q->s;
    q->link_to = ARENA_ARRAY(&q->scratch, s->n_objects, uint32_t);
    q->next_link = ARENA_ARRAY(&q->scratch, s->n_links, uint32_t);
    for (uint32_t i = s->n_links; i-- > 0;) {
        uint32_t *first = &q->link_to[s->links[i].target];
        q->next_link[i] = *first;
        *first = i + 1;
    }
}

int pointers_date(struct inquiry *q, struct err *e)
{
    if (!q->lost.m)
        return 0;
    unsigned char *wanted = ARENA_ARRAY(&q->scratch, q->m->g.n, unsigned char);
    find_entries(q);
    balances_point(q, wanted);
    leaks_point(q, wanted);
    if (q->m->g.n == 0 || !memchr(wanted, 1, q->m->g.n))
        return 0;
    chain_links(q);
    return pointing_read(&q->pointing, &q->scratch, q->m, q->s, q->t, wanted,
                         READ, e);
}

void pointers_ask(struct inquiry *q)
{
    for (uint32_t i = 0; i < q->pointing.n; i++)
        inquiry_ask(q, pointing_stack(&q->pointing, i));
}

void pointers_name(struct inquiry *q, struct symbolizer *z)
{
    if (q->pointing.n > 0)
        pointing_name(&q->pointing, z, q->out);
}

/* Does the reference stand where the word does? */
static bool says_so(const struct inquiry *q, const struct link *k,
                    const struct pointer *p)
{
    if (k->slot != 0)
        return k->slot == p->address;
    if (k->owner == OURO_NONE)
        return (uint64_t)k->offset == p->address;
    if (p->block == OURO_NONE)
        return false;
    const struct block *b = &q->s->blocks[p->block];
    if (k->in_owned ? b->owner != k->owner
                    : q->s->objects[k->owner].block != p->block)
        return false;
    return k->field != 0 || k->in_owned || (uint64_t)k->offset == p->offset;
}

static void find_announced(const struct inquiry *q, uint32_t object,
                           struct finding *f)
{
    for (uint32_t i = q->link_to[object]; i != 0; i = q->next_link[i - 1])
        for (uint32_t n = 0; n < f->n_pointers; n++)
            f->pointers[n].announced |=
                says_so(q, &q->s->links[i - 1], &f->pointers[n]);
}

static bool is_within(const struct inquiry *q, uint32_t node, uint32_t c)
{
    return c != OURO_NONE && node < q->m->n_blocks &&
           q->m->reached[node] == REACHED_PERHAPS &&
           q->lost.possible.k.of[node] == c;
}

void pointers_describe(struct inquiry *q, uint32_t node, uint32_t object,
                       uint32_t without, struct finding *f)
{
    if (node == OURO_NONE || !q->pointing.words)
        return;
    uint32_t n;
    const uint32_t first = pointing_first(&q->pointing, node, &n);
    const bool any = n > 0 && pointing_counts(&q->pointing, first);
    f->pointers = ARENA_ARRAY(q->out, FINDING_POINTERS, struct pointer);
    for (uint32_t i = first; i < first + n; i++) {
        if (f->n_pointers == FINDING_POINTERS)
            break;
        if (is_within(q, q->pointing.words[i].from, without) ||
            (any && !pointing_counts(&q->pointing, i)))
            continue;
        f->pointers[f->n_pointers++] =
            pointing_tell(&q->pointing, i, &q->sites);
    }
    if (f->n_pointers < FINDING_POINTERS && node < q->m->n_blocks &&
        q->m->unseen[node] != 0)
        f->pointers[f->n_pointers++] = pointing_unseen(q->m, node);
    if (object != OURO_NONE)
        find_announced(q, object, f);
}
