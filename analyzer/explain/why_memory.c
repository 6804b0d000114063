/* SPDX-License-Identifier: MIT */
#include "explain/why_memory.h"

#include "collect/path.h"
#include "collect/reach.h"
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

enum {
    READ =
        4096, /* words at a node, among which that of the way is looked for */
    MOST_STEPS = 12,
    END_STEPS = 5, /* of a longer way: at its beginning, and at its end */
};

struct parts {
    struct inquiry q;
    struct why_memory *w;
    uint32_t block, node;
    uint32_t most;
    struct path path;
    uint32_t group; /* of q.leaks, or OURO_NONE */
};

/* The graph without words that are only perhaps pointers. */
static struct graph sure_part(struct arena *a, const struct memory *m)
{
    struct graph g = {
        .n = m->g.n,
        .first = ARENA_ARRAY(a, (size_t)m->g.n + 1, uint32_t),
        .to = ARENA_ARRAY(a, m->g.first[m->g.n], uint32_t),
    };
    uint32_t n = 0;
    for (uint32_t v = 0; v < g.n; v++) {
        for (uint32_t i = m->g.first[v]; i < m->g.first[v + 1]; i++)
            if (!m->unsure[i])
                g.to[n++] = m->g.to[i];
        g.first[v + 1] = n;
    }
    return g;
}

static void find_way(struct parts *p)
{
    const struct memory *m = p->q.m;
    const enum reached is = m->reached[p->node];
    unsigned char *start = ARENA_ARRAY(&p->q.scratch, m->g.n, unsigned char);
    if (is == REACHED_NOT)
        return;
    for (uint32_t v = 0; v < m->g.n; v++)
        start[v] = m->root[v] >= is;
    const struct graph g =
        is == REACHED_SURELY ? sure_part(&p->q.scratch, m) : m->g;
    p->path = path_find(&p->q.scratch, &g, start, NULL, p->node);
    if (p->path.n == 0)
        return;
    const uint32_t first = p->path.object[0];
    p->w->kept = first < m->n_blocks &&
                 (m->blocks[first].ignored || m->blocks[first].inherited);
}

/* Is the i-th block of the way told? */
static bool is_told(const struct parts *p, uint32_t i)
{
    return p->path.n <= MOST_STEPS || i < END_STEPS ||
           i >= p->path.n - END_STEPS;
}

static int read_words(struct parts *p, struct err *e)
{
    struct inquiry *q = &p->q;
    unsigned char *wanted = ARENA_ARRAY(&q->scratch, q->m->g.n, unsigned char);
    wanted[p->node] = 1;
    for (uint32_t i = 0; i < p->path.n; i++)
        wanted[p->path.object[i]] |= is_told(p, i);
    return pointing_read(&q->pointing, &q->scratch, q->m, q->s, q->t, wanted,
                         READ, e);
}

/* Whether it is a source, or which one retains it. */
static void find_source(struct parts *p)
{
    struct inquiry *q = &p->q;
    uint32_t c = 0;
    const struct lost_part *part = lost_part_of(&q->lost, p->block, &c);
    if (!part)
        return;
    p->w->is_source = part->k.source[c];
    p->w->is_shared = part->r.held_by[p->node] == UINT32_MAX;
    if (p->w->is_shared)
        return;
    const uint32_t by = part->r.held_by[p->node];
    const enum reach reach =
        part == &q->lost.definite ? REACH_DEFINITE : REACH_POSSIBLE;
    p->w->retained = part->retained[by];
    p->group = q->leak_of[reach][by] - 1;
    if (part->first_block[by] != OURO_NONE)
        p->w->source_addr = q->s->blocks[part->first_block[by]].addr;
}

static int gather(struct parts *p, struct err *e)
{
    static const enum reach reaches[] = {
        [REACHED_NOT] = REACH_DEFINITE,
        [REACHED_PERHAPS] = REACH_POSSIBLE,
        [REACHED_SURELY] = REACH_REACHABLE,
    };
    struct inquiry *q = &p->q;
    p->group = OURO_NONE;
    p->w->reach = reaches[q->m->reached[p->node]];
    q->w = weights_find(&q->scratch, q->s);
    q->asked = ARENA_ARRAY(&q->scratch, q->t->stacks.n, unsigned char);
    appearances_begin(q);
    leaks_gather(q);
    find_source(p);
    find_way(p);
    return read_words(p, e);
}

static void tell_pointers(struct parts *p)
{
    struct inquiry *q = &p->q;
    struct why_memory *w = p->w;
    uint32_t n;
    const uint32_t first = pointing_first(&q->pointing, p->node, &n);
    const bool any = n > 0 && pointing_counts(&q->pointing, first);
    uint32_t end = first;
    while (end < first + n && pointing_counts(&q->pointing, end) == any)
        end++;
    const bool unseen = q->m->unseen[p->node] != 0;
    const uint32_t told = end - first < p->most ? end - first : p->most;
    w->more_pointers = told < end - first;
    w->pointers = ARENA_ARRAY(q->out, (size_t)told + unseen, struct pointer);
    for (uint32_t i = 0; i < told; i++)
        w->pointers[w->n_pointers++] =
            pointing_tell(&q->pointing, first + i, &q->sites);
    if (unseen)
        w->pointers[w->n_pointers++] = pointing_unseen(q->m, p->node);
}

/* The word by which the i-th block of the way is led to. */
static struct why_word word_to(struct parts *p, uint32_t i)
{
    struct inquiry *q = &p->q;
    const uint32_t from = i > 0 ? p->path.object[i - 1] : OURO_NONE;
    const bool sure = q->m->reached[p->node] == REACHED_SURELY;
    uint32_t n;
    const uint32_t first = pointing_first(&q->pointing, p->path.object[i], &n);
    for (uint32_t k = first; k < first + n; k++)
        if (q->pointing.words[k].from == from &&
            pointing_counts(&q->pointing, k) &&
            !(sure && q->pointing.words[k].unsure))
            return (struct why_word){pointing_tell(&q->pointing, k, &q->sites),
                                     true, 0};
    return (struct why_word){0};
}

static void tell_way(struct parts *p)
{
    struct why_memory *w = p->w;
    w->way = ARENA_ARRAY(p->q.out, p->path.n, struct why_word);
    for (uint32_t i = 0; i < p->path.n; i++) {
        if (!is_told(p, i)) {
            w->way[w->n_way - 1].left_out++;
            continue;
        }
        w->way[w->n_way++] = word_to(p, i);
    }
}

static void tell(struct parts *p, struct symbolizer *z)
{
    struct inquiry *q = &p->q;
    struct symbols symbols;
    pointers_ask(q);
    if (p->group != OURO_NONE)
        leaks_ask_one(q, p->group);
    pointing_name(&q->pointing, z, q->out);
    symbols_find(&symbols, z, q->out, q->t, q->stacks, q->n_stacks, NULL);
    sites_init(&q->sites, q->out, q->t, &symbols);
    tell_pointers(p);
    tell_way(p);
    if (p->group != OURO_NONE)
        leaks_identify(q, p->group, p->w->source);
    p->w->symbols_note = symbols.note;
}

static void release(struct inquiry *q)
{
    appearances_release(q);
    free(q->stacks);
    groups_release(&q->leaks);
    sites_release(&q->sites);
    holder_sets_release(&q->ring_stacks);
    arena_release(&q->scratch);
}

int why_memory_make(struct why_memory *w, struct symbolizer *z,
                    const struct memory *m, const struct shadow *s,
                    struct trace *t, uint32_t block, uint32_t most,
                    struct err *e)
{
    *w = (struct why_memory){.reach = REACH_UNKNOWN, .symbols_note = ""};
    struct parts p = {
        .q = {.s = s, .t = t, .m = m, .out = &w->arena},
        .w = w,
        .block = block,
        .node = m->then[block],
        .most = most,
    };
    if (p.node == OURO_NONE)
        return 0;
    groups_init(&p.q.leaks);
    const int rc = gather(&p, e);
    if (rc == 0)
        tell(&p, z);
    release(&p.q);
    if (rc != 0)
        why_memory_release(w);
    return rc;
}

void why_memory_release(struct why_memory *w)
{
    arena_release(&w->arena);
    *w = (struct why_memory){0};
}
