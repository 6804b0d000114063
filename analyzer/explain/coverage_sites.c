/* SPDX-License-Identifier: MIT */
#include "explain/coverage_sites.h"

#include "explain/system_path.h"

#include <stdlib.h>
#include <string.h>

/* One group of fates, with its places. */
struct row {
    const struct group *g;
    struct places taken, other;
    uint32_t taken_at, other_at;
    bool nearby;
};

/* The function in which most counts of a type are taken, or given back. */
struct habit {
    const struct place *inner; /* whoever has more than half, if anyone has */
    uint64_t votes;
    uint64_t all, of_inner; /* counts */
};

struct style {
    struct habit takes, gives;
};

struct rows {
    struct sites *places;
    const struct trace *t;
    uint32_t n;
    struct row *at;
    struct style *style; /* by type's number */
    const struct table *type_of;
};

static int compare_function(const struct place *a, const struct place *b)
{
    int c = strcmp(a->function, b->function);
    if (c == 0)
        c = strcmp(a->module, b->module);
    if (c == 0 && !*a->function)
        c = (a->offset > b->offset) - (a->offset < b->offset);
    return c;
}

static bool is_same_function(const struct place *a, const struct place *b)
{
    return a && b && compare_function(a, b) == 0;
}

static const struct place *place_at(struct places p, uint32_t i)
{
    return i < p.n ? &p.at[i] : NULL;
}

static void add(uint64_t *sum, uint64_t n)
{
    if (__builtin_add_overflow(*sum, n, sum))
        *sum = UINT64_MAX;
}

/* A vote of n for the innermost function: others' are taken away. */
static void vote(struct habit *h, struct places p, uint64_t n)
{
    const struct place *inner = place_at(p, 0);
    add(&h->all, n);
    if (!inner)
        return;
    if (is_same_function(h->inner, inner)) {
        add(&h->votes, n);
    } else if (h->votes >= n) {
        h->votes -= n;
    } else {
        h->inner = inner;
        h->votes = n - h->votes;
    }
}

static void count_votes(struct habit *h, struct places p, uint64_t n)
{
    if (is_same_function(h->inner, place_at(p, 0)))
        add(&h->of_inner, n);
}

static struct style *style_of(const struct rows *r, const struct group *g)
{
    return &r->style[table_get(r->type_of, (uint64_t)g->type + 1)];
}

static void each_habit(struct rows *r,
                       void (*visit)(struct habit *h, struct places p,
                                     uint64_t n))
{
    for (uint32_t i = 0; i < r->n; i++) {
        const struct row *k = &r->at[i];
        struct style *s = style_of(r, k->g);
        if (takings_taken(k->g) == TAKEN_BY_INCREF)
            visit(&s->takes, k->taken, k->g->instances);
        if (k->g->other_stack != 0)
            visit(&s->gives, k->other, k->g->instances);
    }
}

static bool is_usual(const struct habit *h)
{
    return h->of_inner > 0 && h->of_inner / 3 >= h->all / 4;
}

/* get and put: both sides have one function that only counts. */
static bool is_wrapped(const struct style *s)
{
    return is_usual(&s->takes) && is_usual(&s->gives) &&
           !is_same_function(s->takes.inner, s->gives.inner);
}

/* How much of a C++ function's name is its class, "ref<T>::" of
   "ref<T>::ref(T*)"; 0: it has none. */
static size_t class_of(const char *function)
{
    size_t end = 0;
    int depth = 0;
    for (size_t i = 0; function[i] && !(function[i] == '(' && depth == 0);
         i++) {
        depth += function[i] == '<';
        depth -= function[i] == '>' && depth > 0;
        if (depth == 0 && strncmp(&function[i], "::", 2) == 0)
            end = i + 2;
    }
    return end;
}

static bool is_same_class(const struct place *a, const struct place *b)
{
    const size_t n = class_of(a->function);
    return n > 0 && n == class_of(b->function) &&
           strncmp(a->function, b->function, n) == 0;
}

static bool is_of_system(const struct place *p)
{
    static const char headers[] = "/usr/include/";
    return strncmp(p->file, headers, sizeof headers - 1) == 0 ||
           path_is_system(p->file);
}

/* The first place that is neither in the innermost function, nor in another of
   its class, nor in a template of the system's; 0 where there is none. */
static uint32_t behind_first(struct places p)
{
    for (uint32_t i = 1; i < p.n; i++)
        if (!is_same_function(&p.at[0], &p.at[i]) &&
            !is_same_class(&p.at[0], &p.at[i]) && !is_of_system(&p.at[i]))
            return i;
    return 0;
}

/* The function that a frame is in, whatever is inlined into it. */
static const struct place *function_of(const struct rows *r, uint32_t stack)
{
    const struct places p = r->places->symbols->of[r->t->stacks.frame[stack]];
    return place_at(p, p.n - 1);
}

/* Of two stacks that were called from one place. Without names that is all that
   can be said; with them it shows what was called through a pointer. */
static bool is_in_one_function(const struct rows *r, uint32_t a, uint32_t b)
{
    const struct stacks *s = &r->t->stacks;
    const struct place *x = function_of(r, a), *y = function_of(r, b);
    if (s->frame[a] == s->frame[b])
        return true;
    if (x && y && *x->function && *y->function)
        return is_same_function(x, y);
    return s->parent[a] != 0;
}

/* The stack whose innermost frame has that place in it; 0: there is none. */
static uint32_t stack_of(const struct rows *r, uint32_t stack,
                         const struct place *p)
{
    for (; p && stack != 0; stack = r->t->stacks.parent[stack]) {
        const struct place *f = function_of(r, stack);
        if (f && f->offset == p->offset && strcmp(f->module, p->module) == 0)
            return stack;
    }
    return 0;
}

/* Did the call of the function that gave it back last from before it was taken
   on? */
static bool is_given_by_caller(const struct rows *r, const struct row *k)
{
    const struct stacks *s = &r->t->stacks;
    const uint32_t giver =
        stack_of(r, k->g->other_stack, place_at(k->other, k->other_at));
    if (giver == 0)
        return false;
    uint32_t inner = 0, stack = k->g->stack;
    for (; stack > s->parent[giver]; stack = s->parent[stack])
        inner = stack;
    return inner != 0 && stack == s->parent[giver] &&
           is_in_one_function(r, inner, giver);
}

/* The place that took or gave back, behind what only counts. */
static uint32_t speaker(const struct habit *h, bool wrapped, struct places p)
{
    return wrapped && is_same_function(h->inner, place_at(p, 0))
               ? behind_first(p)
               : 0;
}

static void judge(const struct rows *r, struct row *k)
{
    const struct style *style = style_of(r, k->g);
    const bool wrapped = is_wrapped(style);
    const enum taken_by by = takings_taken(k->g);
    if (by == TAKEN_BY_INCREF)
        k->taken_at = speaker(&style->takes, wrapped, k->taken);
    k->other_at = speaker(&style->gives, wrapped, k->other);
    if (takings_fate(k->g) != FATE_GIVEN || k->g->other_stack == 0 ||
        by == TAKEN_BEFORE)
        return;
    k->nearby = is_given_by_caller(r, k);
    if (by == TAKEN_BY_NEW && !k->nearby && !wrapped) {
        /* what makes objects has callers, and so may what gives them back */
        k->other_at = behind_first(k->other);
        k->nearby = is_given_by_caller(r, k);
        k->other_at = 0;
    }
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct place *a, const struct place *b)
{
    if (!a || !b)
        return !a - !b;
    int c = compare_function(a, b);
    if (c == 0)
        c = strcmp(a->file, b->file);
    if (c == 0)
        c = compare(a->line, b->line);
    return c ? c : a->line ? 0 : compare(a->offset, b->offset);
}

/* Zero where they are one site. */
static int compare_sites(const struct row *x, const struct row *y)
{
    int c = compare(x->g->type, y->g->type);
    if (c == 0)
        c = compare(takings_taken(x->g), takings_taken(y->g));
    return c ? c
             : compare_places(place_at(x->taken, x->taken_at),
                              place_at(y->taken, y->taken_at));
}

static bool is_open(const struct row *k)
{
    const enum fate fate = takings_fate(k->g);
    return !k->nearby && fate != FATE_LINKED && fate != FATE_EXCUSED;
}

/* Rows of one site in a row, the most open first. */
static int by_site(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int c = compare_sites(x, y);
    if (c == 0)
        c = (int)is_open(y) - (int)is_open(x);
    if (c == 0)
        c = compare(y->g->instances, x->g->instances);
    if (c == 0)
        c = compare(x->g->what, y->g->what);
    if (c == 0)
        c = compare(x->g->stack, y->g->stack);
    return c ? c : compare(x->g->other_stack, y->g->other_stack);
}

/* What is explained, by the sums that it belongs to. */
static void add_explained(struct coverage_site *s, struct coverage_type *t,
                          const struct row *k)
{
    const uint64_t n = k->g->instances;
    if (k->nearby) {
        add(&s->nearby, n);
        add(&t->nearby, n);
    } else if (takings_fate(k->g) == FATE_LINKED) {
        add(&s->linked, n);
        add(&t->linked, n);
    } else {
        add(&t->excused, n);
    }
}

static void add_row(struct coverage_site *s, struct coverage_type *t,
                    const struct row *k)
{
    const uint64_t n = k->g->instances;
    const enum fate fate = takings_fate(k->g);
    add(&s->taken, n);
    if (!is_open(k)) {
        add_explained(s, t, k);
        return;
    }
    add(&s->open, n);
    add(&t->open, n);
    add(fate == FATE_DIED   ? &s->died
        : fate == FATE_HELD ? &s->held
                            : &s->elsewhere,
        n);
    if (s->back.n == 0 && k->g->other_stack != 0) {
        s->back = k->other;
        s->back_at = k->other_at;
    }
}

/* How many different stacks the rows have; they are sorted in place. */
static int by_stack(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return compare(x->g->stack, y->g->stack);
}

static uint32_t count_stacks(struct row *rows, uint32_t n)
{
    uint32_t different = 0;
    qsort(rows, n, sizeof *rows, by_stack);
    for (uint32_t i = 0; i < n; i++)
        different += i == 0 || rows[i].g->stack != rows[i - 1].g->stack;
    return different;
}

static void make_sites(struct coverage *c, struct rows *r)
{
    c->sites = ARENA_ARRAY(&c->arena, r->n, struct coverage_site);
    for (uint32_t i = 0, end; i < r->n; i = end) {
        const struct row *first = &r->at[i];
        const uint64_t type =
            table_get(r->type_of, (uint64_t)first->g->type + 1);
        struct coverage_type *t = &c->types[type - 1];
        struct coverage_site s = {
            .type = t->type,
            .by = takings_taken(first->g),
            .stack = first->taken,
            .at = first->taken_at,
            .never_given = coverage_never_given(t),
        };
        for (end = i; end < r->n && compare_sites(first, &r->at[end]) == 0;
             end++)
            add_row(&s, t, &r->at[end]);
        if (s.open == 0)
            continue;
        s.n_stacks = count_stacks(&r->at[i], end - i);
        c->sites[c->n_sites++] = s;
    }
}

static int by_open(const void *a, const void *b)
{
    const struct coverage_site *x = a, *y = b;
    int c = compare(y->open, x->open);
    if (c == 0)
        c = strcmp(x->type, y->type);
    if (c == 0)
        c = compare(x->by, y->by);
    return c ? c
             : compare_places(place_at(x->stack, x->at),
                              place_at(y->stack, y->at));
}

/* What was only given back is of use for the styles alone. */
static void drop_gifts(struct rows *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (takings_taken(r->at[i].g) != TAKEN_BEFORE)
            r->at[n++] = r->at[i];
    r->n = n;
}

void coverage_sites_make(struct coverage *c, struct sites *places,
                         const struct fates *f, const struct trace *t,
                         const struct table *type_of)
{
    const struct groups *all = &f->takings.fates;
    struct rows r = {
        .places = places,
        .t = t,
        .n = all->n,
        .at = must_calloc(all->n, sizeof *r.at),
        .style = must_calloc((size_t)c->n_types + 1, sizeof *r.style),
        .type_of = type_of,
    };
    for (uint32_t i = 0; i < all->n; i++)
        r.at[i] = (struct row){
            .g = &all->at[i],
            .taken = sites_shown(places, all->at[i].stack),
            .other = sites_shown(places, all->at[i].other_stack),
        };
    each_habit(&r, vote);
    each_habit(&r, count_votes);
    drop_gifts(&r);
    for (uint32_t i = 0; i < r.n; i++)
        judge(&r, &r.at[i]);
    if (r.n > 1)
        qsort(r.at, r.n, sizeof *r.at, by_site);
    make_sites(c, &r);
    if (c->n_sites > 1)
        qsort(c->sites, c->n_sites, sizeof *c->sites, by_open);
    free(r.at);
    free(r.style);
}
