/* SPDX-License-Identifier: MIT */
#include "explain/retainers.h"

#include "collect/live_dominators.h"
#include "collect/reach.h"
#include "explain/inquiry.h"
#include "explain/site.h"
#include "shadow/memory_map.h"

#include <stdlib.h>
#include <string.h>

enum { READ = 64 }; /* words at one, of which few are roots' */

struct tree {
    struct retainers *r;
    const struct memory *m;
    const struct shadow *s;
    struct trace *t;
    struct arena scratch;
    struct live_dominators d;
    uint64_t *own;         /* by node: bytes */
    struct held *retained; /* by node */
    uint32_t *largest;     /* by node: the one below that holds most, or
                              OURO_NONE */
    uint32_t *top;         /* nodes */
    uint32_t n_sites;
    struct retainer_site *sites;
    uint32_t *site_stack; /* by site */
    uint32_t *site_first; /* by site: a node */
    struct pointing pointing;
    struct symbols symbols;
    struct sites names;
};

static uint32_t stack_of(const struct tree *x, uint32_t v)
{
    return v < x->m->n_blocks ? x->m->blocks[v].stack : 0;
}

static void weigh_own(struct tree *x)
{
    const struct memory *m = x->m;
    x->own = ARENA_ARRAY(&x->scratch, m->g.n, uint64_t);
    for (uint32_t v = 0; v < m->n_blocks; v++)
        x->own[v] = m->blocks[v].size;
    for (uint32_t v = 0; v < m->n_blocks; v++) {
        const uint32_t around = block_index_around(&m->map->index, v);
        if (around == OURO_NONE)
            continue;
        const uint64_t size = m->blocks[v].size;
        x->own[around] -= size < x->own[around] ? size : x->own[around];
    }
    for (uint32_t v = 0; v < m->n_blocks; v++)
        held_add(m->reached[v] == REACHED_NOT ? &x->r->lost : &x->r->reachable,
                 (struct held){0, 1, x->own[v]});
}

static int compare_held(const struct held *a, const struct held *b)
{
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return (a->blocks < b->blocks) - (a->blocks > b->blocks);
}

/* Does a hold more than b, or as much and is older? */
static bool is_before(const struct tree *x, uint32_t a, uint32_t b)
{
    const int c = compare_held(&x->retained[a], &x->retained[b]);
    const struct memory *m = x->m;
    if (c != 0)
        return c < 0;
    if (a < m->n_blocks && b < m->n_blocks &&
        m->blocks[a].stamp != m->blocks[b].stamp)
        return m->blocks[a].stamp < m->blocks[b].stamp;
    return a < b;
}

/* From the leaves up. */
static void weigh_all(struct tree *x)
{
    const uint32_t n = x->m->g.n;
    x->retained = ARENA_ARRAY(&x->scratch, n, struct held);
    x->largest = ARENA_ARRAY(&x->scratch, n, uint32_t);
    x->top = ARENA_ARRAY(&x->scratch, n, uint32_t);
    if (n > 0)
        memset(x->largest, 0xff, n * sizeof *x->largest);
    for (uint32_t i = x->d.n; i-- > 0;) {
        const uint32_t v = x->d.order[i];
        const uint32_t up = x->d.idom[v];
        held_add(&x->retained[v],
                 (struct held){0, v < x->m->n_blocks, x->own[v]});
        if (up == n) {
            if (x->retained[v].blocks > 0)
                x->top[x->r->n++] = v;
            continue;
        }
        held_add(&x->retained[up], x->retained[v]);
        if (x->largest[up] == OURO_NONE || is_before(x, v, x->largest[up]))
            x->largest[up] = v;
    }
}

static int by_retained(const void *a, const void *b, void *tree)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x == y ? 0 : is_before(tree, x, y) ? -1 : 1;
}

static uint32_t object_of(const struct tree *x, uint32_t v)
{
    const uint32_t now = v < x->m->n_blocks ? x->m->now[v] : OURO_NONE;
    if (now == OURO_NONE)
        return OURO_NONE;
    const struct block *b = &x->s->blocks[now];
    return b->object != OURO_NONE ? b->object : b->owner;
}

static struct retainer_step step_of(const struct tree *x, uint32_t v)
{
    const struct memory *m = x->m;
    struct retainer_step step = {
        .node = v,
        .run = 1,
        .retained = x->retained[v],
        .type = "",
        .label = "",
        .allocator = "",
    };
    const uint32_t object = object_of(x, v);
    if (object != OURO_NONE) {
        step.type = x->t->strings.text[x->s->objects[object].type];
        step.label = x->t->strings.text[x->s->objects[object].label];
    }
    if (v < m->n_blocks) {
        step.address = m->blocks[v].addr;
        step.bytes = m->blocks[v].size;
        step.allocator = inquiry_allocator(&m->blocks[v]);
    } else {
        step.is_pages = true;
        step.address = m->pages[v - m->n_blocks].start;
        step.bytes = m->pages[v - m->n_blocks].len;
    }
    return step;
}

/* The one below v that holds half of what v does at least, or OURO_NONE. */
static uint32_t heir_of(const struct tree *x, uint32_t v)
{
    const uint32_t w = x->largest[v];
    return w != OURO_NONE && x->retained[w].bytes >= x->retained[v].bytes / 2
               ? w
               : OURO_NONE;
}

/* Whose heirs made at the same place are as many as they are: *v ends at the
   last of them. */
static uint64_t run_from(const struct tree *x, uint32_t *v)
{
    uint64_t n = 1;
    for (uint32_t w; (w = heir_of(x, *v)) != OURO_NONE && w < x->m->n_blocks &&
                     *v < x->m->n_blocks && stack_of(x, w) == stack_of(x, *v);
         n++)
        *v = w;
    return n;
}

/* The array's own copy: there may be millions of short ones. */
static void *keep(struct tree *x, const void *items, size_t n, size_t size)
{
    void *copy = arena_array(&x->r->arena, n, size);
    if (n > 0)
        memcpy(copy, items, n * size);
    return copy;
}

static void follow(struct tree *x, struct retainer *at, uint32_t v)
{
    struct retainer_step chain[RETAINER_CHAIN];
    at->is = step_of(x, v);
    at->is.run = run_from(x, &v);
    for (uint32_t w; (w = heir_of(x, v)) != OURO_NONE; v = w) {
        at->deeper = at->n_chain == RETAINER_CHAIN;
        if (at->deeper)
            break;
        struct retainer_step *step = &chain[at->n_chain++];
        *step = step_of(x, w);
        step->run = run_from(x, &w);
    }
    at->chain = keep(x, chain, at->n_chain, sizeof *chain);
}

static int by_site(const void *a, const void *b)
{
    const struct retainer_site *x = a, *y = b;
    return compare_held(&x->retained, &y->retained);
}

/* In the order of the first of each at the top. */
static void sum_sites(struct tree *x)
{
    struct table of = {0};
    const uint32_t n = x->r->n;
    struct retainer_site *sites =
        ARENA_ARRAY(&x->r->arena, n, struct retainer_site);
    uint32_t *first = ARENA_ARRAY(&x->scratch, n, uint32_t);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = x->top[i];
        if (v >= x->m->n_blocks)
            continue;
        const uint64_t key =
            (uint64_t)x->m->blocks[v].entry << 32 | x->m->blocks[v].stack;
        uint64_t at = table_get(&of, key);
        if (at == 0) {
            at = ++x->r->n_sites;
            table_set(&of, key, at);
            first[at - 1] = v;
        }
        sites[at - 1].n++;
        held_add(&sites[at - 1].retained, x->retained[v]);
    }
    table_release(&of);
    x->sites = sites;
    x->site_first = first;
}

/* Sites by what they retain; those that are equal as their first stand. */
static int by_place(const void *a, const void *b, void *tree)
{
    const struct tree *x = tree;
    const uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    const int c = by_site(&x->sites[i], &x->sites[k]);
    return c ? c : (i > k) - (i < k);
}

static void order_sites(struct tree *x, uint32_t most)
{
    struct retainers *r = x->r;
    uint32_t *order = ARENA_ARRAY(&x->scratch, r->n_sites, uint32_t);
    for (uint32_t i = 0; i < r->n_sites; i++)
        order[i] = i;
    if (r->n_sites > 0)
        qsort_r(order, r->n_sites, sizeof *order, by_place, x);
    r->n_sites_told = r->n_sites < most ? r->n_sites : most;
    r->sites = ARENA_ARRAY(&r->arena, r->n_sites_told, struct retainer_site);
    x->site_stack = ARENA_ARRAY(&x->scratch, r->n_sites_told, uint32_t);
    for (uint32_t i = 0; i < r->n_sites_told; i++) {
        const uint32_t v = x->site_first[order[i]];
        const struct retainer_step step = step_of(x, v);
        r->sites[i] = x->sites[order[i]];
        r->sites[i].type = step.type;
        r->sites[i].allocator = step.allocator;
        x->site_stack[i] = stack_of(x, v);
    }
}

static int read_roots(struct tree *x, struct err *e)
{
    const struct memory *m = x->m;
    unsigned char *wanted = ARENA_ARRAY(&x->scratch, m->g.n, unsigned char);
    for (uint32_t i = 0; i < x->r->n_told; i++)
        wanted[x->top[i]] = 1;
    return pointing_read(&x->pointing, &x->scratch, m, x->s, x->t, wanted, READ,
                         e);
}

static void name_all(struct tree *x, struct symbolizer *z)
{
    struct retainers *r = x->r;
    uint32_t *stacks = ARENA_ARRAY(
        &x->scratch, (size_t)r->n_told * (1 + RETAINER_CHAIN) + r->n_sites_told,
        uint32_t);
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_told; i++) {
        stacks[n++] = stack_of(x, r->at[i].is.node);
        for (uint32_t k = 0; k < r->at[i].n_chain; k++)
            stacks[n++] = stack_of(x, r->at[i].chain[k].node);
    }
    for (uint32_t i = 0; i < r->n_sites_told; i++)
        stacks[n++] = x->site_stack[i];
    pointing_name(&x->pointing, z, &r->arena);
    symbols_find(&x->symbols, z, &r->arena, x->t, stacks, n, NULL);
    sites_init(&x->names, &r->arena, x->t, &x->symbols);
    r->symbols_note = x->symbols.note;
}

static void tell_roots(struct tree *x, struct retainer *at)
{
    const uint32_t v = at->is.node;
    struct pointer roots[RETAINER_ROOTS];
    uint32_t n;
    const uint32_t first = pointing_first(&x->pointing, v, &n);
    for (uint32_t i = first; i < first + n && at->n_roots < RETAINER_ROOTS; i++)
        if (x->pointing.words[i].from == OURO_NONE &&
            pointing_counts(&x->pointing, i))
            roots[at->n_roots++] = pointing_tell(&x->pointing, i, &x->names);
    if (v < x->m->n_blocks) {
        at->kept = x->m->blocks[v].ignored || x->m->blocks[v].inherited;
        if (x->m->unseen[v] != 0 && at->n_roots == 0)
            roots[at->n_roots++] = pointing_unseen(x->m, v);
    }
    at->roots = keep(x, roots, at->n_roots, sizeof *roots);
}

static void tell_names(struct tree *x)
{
    struct retainers *r = x->r;
    for (uint32_t i = 0; i < r->n_told; i++) {
        struct retainer *at = &r->at[i];
        tell_roots(x, at);
        at->is.stack = sites_shown(&x->names, stack_of(x, at->is.node));
        for (uint32_t k = 0; k < at->n_chain; k++)
            at->chain[k].stack =
                sites_shown(&x->names, stack_of(x, at->chain[k].node));
    }
    for (uint32_t i = 0; i < r->n_sites_told; i++)
        r->sites[i].stack = sites_shown(&x->names, x->site_stack[i]);
}

static int find(struct tree *x, struct symbolizer *z, uint32_t most,
                struct err *e)
{
    struct retainers *r = x->r;
    x->d = live_dominators_find(&x->scratch, &x->m->g, x->m->root);
    weigh_own(x);
    weigh_all(x);
    if (r->n > 0)
        qsort_r(x->top, r->n, sizeof *x->top, by_retained, x);
    r->n_told = r->n < most ? r->n : most;
    if (read_roots(x, e) != 0)
        return -1;
    r->at = ARENA_ARRAY(&r->arena, r->n_told, struct retainer);
    for (uint32_t i = 0; i < r->n_told; i++)
        follow(x, &r->at[i], x->top[i]);
    sum_sites(x);
    order_sites(x, most);
    name_all(x, z);
    tell_names(x);
    sites_release(&x->names);
    return 0;
}

int retainers_find(struct retainers *r, struct symbolizer *z,
                   const struct memory *m, const struct shadow *s,
                   struct trace *t, uint32_t most, struct err *e)
{
    *r = (struct retainers){.symbols_note = ""};
    struct tree x = {.r = r, .m = m, .s = s, .t = t};
    const int rc = find(&x, z, most, e);
    arena_release(&x.scratch);
    if (rc != 0)
        retainers_release(r);
    return rc;
}

void retainers_release(struct retainers *r)
{
    arena_release(&r->arena);
    *r = (struct retainers){0};
}
