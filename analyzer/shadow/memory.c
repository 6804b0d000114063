/* SPDX-License-Identifier: MIT */
#include "shadow/memory.h"

#include "collect/reach.h"
#include "shadow/memory_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Edges as they are found: those of words that lie together are a run, without
   repeats; a node may have several runs. */
struct finding_edges {
    struct memory *m;
    struct word_cursor cursor;
    struct edge *edges;
    unsigned char *unsure;
    uint32_t n, edges_room, unsure_room;
    uint32_t run;   /* where the newest one begins */
    uint32_t *last; /* by node: 1 + an edge to it, of a run that is long */
};

/* So many are looked through, which is faster than memory far away. */
enum { SHORT_RUN = 16 };

/* The edge of the newest run that goes there, + 1; or 0. */
static uint32_t in_run(const struct finding_edges *f, uint32_t to)
{
    if (f->n - f->run > SHORT_RUN)
        return f->last[to] > f->run ? f->last[to] : 0;
    for (uint32_t i = f->run; i < f->n; i++)
        if (f->edges[i].to == to)
            return i + 1;
    return 0;
}

static void note_run(struct finding_edges *f)
{
    const uint32_t len = f->n - f->run;
    if (len > SHORT_RUN)
        for (uint32_t i = len == SHORT_RUN + 1 ? f->run : f->n - 1; i < f->n;
             i++)
            f->last[f->edges[i].to] = i + 1;
}

static void add_edge(struct finding_edges *f, uint32_t from, uint32_t to,
                     bool unsure)
{
    if (f->n > 0 && f->edges[f->n - 1].from != from)
        f->run = f->n;
    const uint32_t known = in_run(f, to);
    if (known != 0) {
        f->unsure[known - 1] &= (unsigned char)unsure;
        return;
    }
    if (f->n == UINT32_MAX)
        out_of_memory();
    GROW(f->edges, f->n, f->edges_room);
    GROW(f->unsure, f->n, f->unsure_room);
    f->edges[f->n] = (struct edge){from, to};
    f->unsure[f->n++] = unsure;
    note_run(f);
}

static void add_root(struct memory *m, uint32_t node, bool unsure)
{
    const unsigned char is = unsure ? REACHED_PERHAPS : REACHED_SURELY;
    if (m->root[node] < is)
        m->root[node] = is;
}

/* Small numbers are told, and point at nothing. */
enum { SMALL = 1 << 16 };

static int find_edges(void *to, uint32_t region,
                      const struct snapshot_word *words, uint32_t n)
{
    (void)region;
    struct finding_edges *f = to;
    for (uint32_t i = 0; i < n; i++) {
        if (words[i].value < SMALL)
            continue;
        const struct sight s = memory_sight(f->m, &f->cursor, &words[i]);
        if (s.to == OURO_NONE || !s.counts)
            continue;
        if (s.origin.from != OURO_NONE)
            add_edge(f, s.origin.from, s.to, s.unsure);
        else
            add_root(f->m, s.to, s.unsure);
    }
    return 0;
}

static void add_elements(struct finding_edges *f)
{
    const struct memory *m = f->m;
    for (uint32_t i = 0; i < m->n_blocks; i++) {
        const uint32_t around = block_index_around(&m->map->index, i);
        if (m->blocks[i].pool && around != OURO_NONE)
            add_edge(f, i, around, false);
    }
}

static void add_registers(struct memory *m)
{
    const struct snapshot *s = m->snapshot;
    for (uint32_t i = 0; i < s->n_threads; i++)
        for (uint32_t k = 0; k < s->threads[i].n_registers; k++) {
            const struct aim aim = memory_aim(m, s->threads[i].registers[k]);
            if (aim.node != OURO_NONE)
                add_root(m, aim.node, aim.unsure);
        }
}

static void add_kept(struct memory *m)
{
    for (uint32_t i = 0; i < m->n_blocks; i++)
        if (m->blocks[i].ignored || m->blocks[i].inherited)
            add_root(m, i, false);
    for (uint32_t i = 0; m->map->zones.may_miss && i < m->n_pages; i++)
        add_root(m, m->n_blocks + i, true);
}

/* Rows of the edges, which f then gives up. */
static void fill_rows(struct finding_edges *f, struct graph *g)
{
    struct memory *m = f->m;
    g->first = ARENA_ARRAY(&m->arena, (size_t)g->n + 1, uint32_t);
    g->to = ARENA_ARRAY(&m->arena, f->n, uint32_t);
    m->unsure = ARENA_ARRAY(&m->arena, f->n, unsigned char);
    for (uint32_t i = 0; i < f->n; i++)
        g->first[f->edges[i].from + 1]++;
    for (uint32_t v = 0; v < g->n; v++)
        g->first[v + 1] += g->first[v];
    uint32_t *place = must_calloc((size_t)g->n + 1, sizeof *place);
    memcpy(place, g->first, g->n * sizeof *place);
    for (uint32_t i = 0; i < f->n; i++) {
        const uint32_t at = place[f->edges[i].from]++;
        g->to[at] = f->edges[i].to;
        m->unsure[at] = f->unsure[i];
    }
    free(place);
}

/* Where in [begin, end) of the row an edge to w is; end: nowhere. */
static uint32_t in_row(const struct graph *g, uint32_t begin, uint32_t end,
                       uint32_t w, const uint32_t *last)
{
    if (end - begin > SHORT_RUN)
        return last[w] > begin && last[w] <= end ? last[w] - 1 : end;
    uint32_t i = begin;
    while (i < end && g->to[i] != w)
        i++;
    return i;
}

/* Each pair of nodes once. `last` is by node, and begins with zeros. */
static void join_rows(struct memory *m, struct graph *g, uint32_t *last)
{
    uint32_t n = 0;
    uint32_t at = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t begin = n;
        const bool is_long = g->first[v + 1] - at > SHORT_RUN;
        for (; at < g->first[v + 1]; at++) {
            const uint32_t w = g->to[at];
            const unsigned char unsure = m->unsure[at];
            const uint32_t i = in_row(g, begin, n, w, last);
            if (i < n) {
                m->unsure[i] &= unsure;
                continue;
            }
            g->to[n] = w;
            m->unsure[n++] = unsure;
            if (is_long)
                last[w] = n;
        }
        g->first[v] = begin;
    }
    g->first[g->n] = n;
}

static int make_graph(struct memory *m, struct trace *t, struct err *e)
{
    m->g.n = m->n_blocks + m->n_pages;
    m->root = ARENA_ARRAY(&m->arena, m->g.n, unsigned char);
    struct finding_edges f = {.m = m};
    f.last = must_calloc(m->g.n, sizeof *f.last);
    const int rc = snapshot_walk(t, m->snapshot, find_edges, &f, e);
    if (rc == 0) {
        add_elements(&f);
        add_registers(m);
        add_kept(m);
        fill_rows(&f, &m->g);
        memset(f.last, 0, m->g.n * sizeof *f.last);
        join_rows(m, &m->g, f.last);
    }
    free(f.edges);
    free(f.unsure);
    free(f.last);
    return rc;
}

struct reading {
    struct memory_map *map;
    uint32_t cursor;
};

static int read_layouts(void *to, uint32_t region,
                        const struct snapshot_word *words, uint32_t n)
{
    (void)region;
    struct reading *r = to;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t block =
            block_index_of_word(&r->map->index, &r->cursor, words[i].at);
        if (block != OURO_NONE)
            layouts_read(&r->map->layouts, block, words[i].at, words[i].value);
    }
    return 0;
}

static bool may_miss(const struct shadow *s, const struct trace *t)
{
    return t->n_lost > 0 || t->header.lost_events > 0 || t->bypass ||
           s->totals.unknown_frees > 0 ||
           (t->header.parent_pid != 0 && !s->with_parent);
}

/* The blocks at the snapshot's moment: caught in the first pass, or now. */
static int catch_blocks(struct memory_map *map, const struct shadow *s,
                        struct trace *t, struct trace *parent, struct err *e)
{
    map->caught = &s->caught;
    if (s->caught.done && s->caught.stamp == map->snapshot->stamp)
        return 0;
    const struct gc_options o = {
        .none = true, .catches = true, .catch_at = map->snapshot->stamp};
    struct shadow again;
    if (shadow_build(&again, t, s->with_parent ? parent : NULL, &o, e) != 0)
        return -1;
    map->own = again.caught;
    again.caught = (struct caught){0};
    shadow_release(&again);
    map->caught = &map->own;
    return 0;
}

static void match_blocks(struct memory *m, const struct shadow *s)
{
    const struct caught *c = m->map->caught;
    m->n_blocks = c->n_blocks;
    m->blocks = c->blocks;
    m->now = c->now;
    m->then = ARENA_ARRAY(&m->arena, s->n_blocks, uint32_t);
    for (uint32_t i = 0; i < s->n_blocks; i++)
        m->then[i] = OURO_NONE;
    for (uint32_t i = 0; i < m->n_blocks; i++)
        if (m->now[i] != OURO_NONE)
            m->then[m->now[i]] = i;
}

static void add_aims(struct memory *m)
{
    struct aims *aims = &m->map->aims;
    for (uint32_t i = 0; i < m->n_blocks; i++)
        aims_add(aims, m->blocks[i].addr, m->blocks[i].size);
    for (uint32_t i = 0; i < m->n_pages; i++)
        aims_add(aims, m->pages[i].start, m->pages[i].len);
}

static int read_words(struct memory *m, const struct shadow *s, struct trace *t,
                      struct err *e)
{
    struct memory_map *map = m->map;
    block_index_make(&map->index, m->blocks, m->n_blocks);
    zones_make(&map->zones, t, m->snapshot, &map->index, &map->caught->pages);
    map->zones.may_miss = may_miss(s, t);
    map->dtv = t->header.machine == OURO_MACHINE_X86_64 ? 8 : 0;
    m->pages = map->zones.pages;
    m->n_pages = map->zones.n_pages;
    add_aims(m);
    layouts_begin(&map->layouts, &map->index, &map->zones);
    struct reading r = {.map = map};
    if (snapshot_walk(t, m->snapshot, read_layouts, &r, e) != 0)
        return -1;
    layouts_end(&map->layouts);
    return make_graph(m, t, e);
}

/* What nothing else holds may be held by a register that nobody saw. */
static int doubt_unseen(struct memory *m, struct trace *t, struct err *e)
{
    m->unseen = ARENA_ARRAY(&m->arena, m->n_blocks, uint32_t);
    if (memory_find_unseen(m, t, m->unseen, e) != 0)
        return -1;
    for (uint32_t i = 0; i < m->n_blocks; i++) {
        if (m->reached[i] != REACHED_NOT)
            m->unseen[i] = 0;
        if (m->unseen[i] != 0)
            m->root[i] = REACHED_PERHAPS;
    }
    m->reached = reach_find(&m->arena, &m->g, m->unsure, m->root);
    return 0;
}

static int make(struct memory *m, const struct shadow *s, struct trace *t,
                struct trace *parent, struct err *e)
{
    if (catch_blocks(m->map, s, t, parent, e) != 0)
        return -1;
    match_blocks(m, s);
    if (read_words(m, s, t, e) != 0)
        return -1;
    m->reached = reach_find(&m->arena, &m->g, m->unsure, m->root);
    for (uint32_t i = 0; i < m->snapshot->n_threads; i++)
        m->n_unseen += m->snapshot->threads[i].seen >= OURO_SNAP_BLOCKED &&
                       m->snapshot->threads[i].seen <= OURO_SNAP_UNSEEN;
    return doubt_unseen(m, t, e);
}

int memory_make(struct memory *m, const struct shadow *s, struct trace *t,
                struct trace *parent, const struct snapshot *snapshot,
                struct err *e)
{
    *m = (struct memory){.snapshot = snapshot};
    m->map = ARENA_ARRAY(&m->arena, 1, struct memory_map);
    m->map->snapshot = snapshot;
    const int rc = make(m, s, t, parent, e);
    if (rc != 0)
        memory_release(m);
    else
        assert(memory_is_valid(m));
    return rc;
}

void memory_release(struct memory *m)
{
    if (m->map) {
        caught_release(&m->map->own);
        block_index_release(&m->map->index);
        zones_release(&m->map->zones);
        layouts_release(&m->map->layouts);
    }
    arena_release(&m->arena);
    *m = (struct memory){0};
}
