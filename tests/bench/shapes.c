/* SPDX-License-Identifier: MIT */
#include "shapes.h"

#include <string.h>

/* A shape is drawn twice: to count the edges of each row, then to fill it. */
struct pen {
    struct drawing *d;
    uint32_t n, m;
    uint32_t run, n_runs, stride;
    bool fills;
    uint64_t state;   /* of the random numbers */
    uint32_t n_links; /* drawn so far */
};

/* xorshift64* */
static uint32_t below(struct pen *p, uint32_t limit)
{
    p->state ^= p->state >> 12;
    p->state ^= p->state << 25;
    p->state ^= p->state >> 27;
    return (uint32_t)((p->state * 0x2545f4914f6cdd1du) >> 33) % limit;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Runs are shuffled by steps of about 0.618 of their number. */
static uint32_t number_of(const struct pen *p, uint32_t v)
{
    const uint32_t run = v / p->run;
    if (run >= p->n_runs)
        return v;
    return (uint32_t)((uint64_t)run * p->stride % p->n_runs) * p->run +
           v % p->run;
}

/* Rows end at first[v + 1], which grows with what is filled in: it begins at
   the row's start. */
static void link(struct pen *p, uint32_t from, uint32_t to)
{
    const uint32_t v = number_of(p, from);
    p->n_links++;
    if (p->fills)
        p->d->g.to[p->d->g.first[v + 1]++] = number_of(p, to);
    else
        p->d->g.first[v + 2]++;
}

static void root(struct pen *p, uint32_t v)
{
    p->d->root[number_of(p, v)] = 1;
}

/* Edges from v into [low, high), up to its share of the m; some go to what
   lives, in [0, live), and some are doubled. */
static void spread(struct pen *p, uint32_t v, uint32_t low, uint32_t high,
                   uint32_t live)
{
    while (p->n_links < (uint64_t)p->m * (v + 1) / p->n) {
        const bool out = low >= high || (live > 0 && below(p, 10) == 0);
        const uint32_t to = out ? below(p, live) : low + below(p, high - low);
        link(p, v, to);
        if (below(p, 50) == 0)
            link(p, v, to);
    }
}

static void draw_live(struct pen *p, uint32_t end)
{
    for (uint32_t v = 0; v < end; v++) {
        const uint32_t low = v < 1000 ? 0 : v - 1000;
        if (v % 1000 == 0)
            root(p, v);
        else
            link(p, low + below(p, v - low), v);
        spread(p, v, low, end - v < 1000 ? end : v + 1000, end);
    }
}

static void draw_ring(struct pen *p, uint32_t start, uint32_t end,
                      uint32_t reach, uint32_t live)
{
    for (uint32_t v = start; v < end; v++) {
        link(p, v, v + 1 < end ? v + 1 : start);
        spread(p, v, start, reach, live);
    }
}

/* a(i) -> a(i + 1), b(i) -> b(i + 1), a(i) -> b(i), side by side. */
static void draw_ladder(struct pen *p, uint32_t start, uint32_t end)
{
    link(p, start, start);
    for (uint32_t v = start; v < end; v++) {
        if (v + 2 < end)
            link(p, v, v + 2);
        if ((v - start) % 2 == 0 && v + 1 < end)
            link(p, v, v + 1);
    }
}

/* A list or a tree, held by start. */
static void draw_tail(struct pen *p, uint32_t start, uint32_t end,
                      uint32_t live)
{
    const uint32_t arms = 1 + below(p, 2);
    for (uint32_t v = start + 1; v < end; v++)
        link(p, start + (v - start - 1) / arms, v);
    for (uint32_t v = start + 1; v < end; v++)
        spread(p, v, v + 1, end, live);
}

static uint32_t ring_length(struct pen *p)
{
    const uint32_t low = 2u << __builtin_ctz(below(p, 256) | 256);
    const uint32_t length = low + below(p, low);
    return length < 1000 ? length : 1000;
}

/* Rings with tails, one after the other. */
static void draw_rings(struct pen *p, uint32_t at, uint32_t live)
{
    uint32_t before = at;
    while (at < p->n) {
        const uint32_t length = ring_length(p);
        const uint32_t end = p->n - at < length ? p->n : at + length;
        const uint32_t tail = below(p, 3 * length);
        const uint32_t last = p->n - end < tail ? p->n : end + tail;
        draw_ring(p, at, end, last, live);
        draw_tail(p, end - 1, last, live);
        if (below(p, 50) == 0)
            link(p, at, at);
        if (below(p, 4) == 0)
            link(p, before, at);
        if (below(p, 8) == 0)
            link(p, before, last - 1);
        before = at;
        at = last;
    }
}

static void draw_mix(struct pen *p)
{
    const uint32_t live = p->n / 2;
    const uint32_t giant = live + p->n / 10;
    const uint32_t ladder = giant + p->n / 20;
    draw_live(p, live);
    draw_ring(p, live, giant, giant, live);
    draw_ladder(p, giant, ladder);
    draw_rings(p, ladder, live);
    spread(p, p->n - 1, 0, 0, live);
}

static void draw_list(struct pen *p)
{
    link(p, 0, 0);
    for (uint32_t v = 1; v < p->n; v++)
        link(p, v - 1, v);
}

static void draw_whole_ladder(struct pen *p)
{
    draw_ladder(p, 0, p->n);
}

static void draw_one_ring(struct pen *p)
{
    draw_ring(p, 0, p->n, p->n, 0);
}

static void draw_pairs(struct pen *p)
{
    for (uint32_t v = 0; v < p->n; v++)
        link(p, v, (v ^ 1) < p->n ? v ^ 1 : v);
}

static void draw_loops(struct pen *p)
{
    for (uint32_t v = 0; v < p->n; v++)
        link(p, v, v);
}

static void draw_star(struct pen *p)
{
    for (uint32_t v = 1; v < p->n; v++) {
        link(p, 0, v);
        link(p, v, 0);
    }
}

static void draw_clique(struct pen *p)
{
    for (uint32_t v = 0; v < p->n; v++)
        for (uint32_t w = 0; w < p->n; w++)
            if (v != w)
                link(p, v, w);
}

static const struct {
    const char *name;
    void (*draw)(struct pen *p);
} shapes[] = {
    {"mix", draw_mix},
    {"list", draw_list},
    {"ladder", draw_whole_ladder},
    {"ring", draw_one_ring},
    {"pairs", draw_pairs},
    {"loops", draw_loops},
    {"star", draw_star},
    {"clique", draw_clique},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static struct pen pen_of(struct drawing *d, uint32_t n, uint32_t m,
                         uint32_t run)
{
    struct pen p = {.d = d, .n = n, .m = m, .run = run, .n_runs = n / run};
    p.stride = (uint32_t)(0.618 * p.n_runs);
    while (p.n_runs > 1 && common_divisor(p.stride, p.n_runs) != 1)
        p.stride++;
    p.state = 88172645463325252u;
    return p;
}

static void count_references(struct drawing *d)
{
    for (uint32_t v = 0; v < d->g.n; v++)
        d->rc[v] = d->root[v];
    for (uint32_t i = 0; i < d->g.first[d->g.n]; i++)
        d->rc[d->g.to[i]]++;
}

bool shapes_draw(struct drawing *d, struct arena *a, const char *shape,
                 uint32_t n, uint32_t m, uint32_t run)
{
    int i = 0;
    while (i < N_SHAPES && strcmp(shapes[i].name, shape) != 0)
        i++;
    if (i == N_SHAPES || n == 0 || run == 0)
        return false;
    *d = (struct drawing){
        .g = {.n = n, .first = ARENA_ARRAY(a, (size_t)n + 2, uint32_t)},
        .rc = ARENA_ARRAY(a, n, int64_t),
        .root = ARENA_ARRAY(a, n, unsigned char),
    };
    struct pen p = pen_of(d, n, m, run);
    shapes[i].draw(&p);

    d->g.to = ARENA_ARRAY(a, p.n_links, uint32_t);
    for (uint32_t v = 0; v < n; v++)
        d->g.first[v + 2] += d->g.first[v + 1];
    p = pen_of(d, n, m, run);
    p.fills = true;
    shapes[i].draw(&p);
    count_references(d);
    return true;
}
