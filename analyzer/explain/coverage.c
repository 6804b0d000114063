/* SPDX-License-Identifier: MIT */
#include "explain/coverage.h"

#include "explain/coverage_sites.h"
#include "explain/coverage_todo.h"

#include <stdlib.h>
#include <string.h>

struct survey {
    struct coverage *c;
    const struct shadow *s;
    struct trace *t;
    struct fates f;
    struct table type_of; /* string + 1 -> index in c->types + 1 */
    uint32_t n_stacks, stacks_room;
    uint32_t *stacks;
    unsigned char *asked; /* by stack */
    struct sites places;
};

unsigned coverage_percent(uint64_t all, uint64_t open)
{
    if (all == 0 || open == 0)
        return 100;
    if (open >= all)
        return 0;
    return (unsigned)((double)(all - open) / (double)all * 100.0);
}

bool coverage_never_holds(const struct coverage_type *t)
{
    return t->run.created > t->run.leaves && !t->run.holds && !t->holds_at_end;
}

bool coverage_never_given(const struct coverage_type *t)
{
    return t->run.created > 0 && t->run.given == 0;
}

static void ask(struct survey *v, uint32_t stack)
{
    if (stack == 0 || v->asked[stack])
        return;
    v->asked[stack] = 1;
    GROW(v->stacks, v->n_stacks, v->stacks_room);
    v->stacks[v->n_stacks++] = stack;
}

static void ask_all(struct survey *v)
{
    const struct groups *fates = &v->f.takings.fates;
    v->asked = must_calloc(v->t->stacks.n, 1);
    for (uint32_t i = 0; i < fates->n; i++) {
        ask(v, fates->at[i].stack);
        ask(v, fates->at[i].other_stack);
    }
    for (uint32_t i = 0; i < v->f.surplus.n; i++)
        ask(v, v->f.surplus.at[i].stack);
    for (uint32_t i = 0; i < v->s->n_oddities; i++)
        ask(v, v->s->oddities[i].stack);
    for (uint32_t i = 0; i < v->f.n_stories; i++) {
        const struct story *s = &v->f.stories[i];
        ask(v, v->s->mismatches[i].stack);
        ask(v, s->matched_stack);
        ask(v, s->after.stack);
        for (uint64_t k = 0; k < s->n_events && k < STORY_EVENTS; k++)
            ask(v, s->events[k].stack);
    }
}

static const char *text_of(const struct survey *v, uint32_t string)
{
    return v->t->strings.text[string];
}

static struct coverage_type *type_of(struct survey *v, uint32_t string)
{
    const uint64_t i = table_get(&v->type_of, (uint64_t)string + 1);
    return i ? &v->c->types[i - 1] : NULL;
}

static void make_types(struct survey *v)
{
    struct coverage *c = v->c;
    c->n_types = v->f.n_types;
    c->types = ARENA_ARRAY(&c->arena, c->n_types, struct coverage_type);
    for (uint32_t i = 0; i < c->n_types; i++) {
        c->types[i].run = v->f.types[i];
        c->types[i].type = text_of(v, v->f.types[i].type);
        table_set(&v->type_of, (uint64_t)v->f.types[i].type + 1,
                  (uint64_t)i + 1);
    }
}

/* Counts come from a file. */
static uint64_t at_least_zero(int64_t n)
{
    return n > 0 ? (uint64_t)n : 0;
}

static void add(uint64_t *sum, uint64_t n)
{
    if (__builtin_add_overflow(*sum, n, sum))
        *sum = UINT64_MAX;
}

static void add_object(struct coverage_type *t, const struct object *k,
                       uint32_t owned)
{
    const uint64_t counts = at_least_zero(k->rc);
    const uint64_t held = owned < counts ? owned : counts;
    const uint64_t named = at_least_zero(k->acquired);
    const uint64_t acquired = named < counts - held ? named : counts - held;
    t->live++;
    add(&t->counts, counts);
    add(&t->owned, held);
    add(&t->acquired, acquired);
    add(&t->anonymous, counts - held - acquired);
    add(&t->missing, owned - held);
}

/* Immortal objects and those that are ignored need no explanation. */
static void count_survivors(struct survey *v)
{
    const struct shadow *s = v->s;
    const uint32_t excused =
        OBJECT_IMMORTAL | OBJECT_IGNORED | OBJECT_INHERITED;
    uint32_t *owned = must_calloc(s->n_objects, sizeof *owned);
    for (uint32_t i = 0; i < s->n_links; i++) {
        const struct link *k = &s->links[i];
        owned[k->target]++;
        struct coverage_type *t = k->owner == OURO_NONE
                                      ? NULL
                                      : type_of(v, s->objects[k->owner].type);
        if (t)
            t->holds_at_end = true;
    }
    for (uint32_t i = 0; i < s->n_objects; i++) {
        struct coverage_type *t = type_of(v, s->objects[i].type);
        if (t && !(s->objects[i].flags & excused))
            add_object(t, &s->objects[i], owned[i]);
    }
    free(owned);
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_open(const void *a, const void *b)
{
    const struct coverage_type *x = a, *y = b;
    int c = compare(y->open, x->open);
    if (c == 0)
        c = compare(y->anonymous, x->anonymous);
    if (c == 0)
        c = compare(y->taken, x->taken);
    return c ? c : strcmp(x->type, y->type);
}

static void sum_taken(struct coverage *c)
{
    for (uint32_t i = 0; i < c->n_types; i++) {
        struct coverage_type *t = &c->types[i];
        const uint64_t parts[] = {t->run.named, t->linked, t->nearby, t->open,
                                  t->excused};
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
            add(&t->taken, parts[k]);
    }
}

static void sum_up(struct coverage *c)
{
    struct coverage_type *all = &c->all;
    all->type = "";
    for (uint32_t i = 0; i < c->n_types; i++) {
        const struct coverage_type *t = &c->types[i];
        add(&all->run.created, t->run.created);
        add(&all->run.leaves, t->run.leaves);
        add(&all->taken, t->taken);
        add(&all->run.named, t->run.named);
        add(&all->run.given, t->run.given);
        add(&all->run.links, t->run.links);
        add(&all->run.died_early, t->run.died_early);
        add(&all->run.left, t->run.left);
        add(&all->linked, t->linked);
        add(&all->nearby, t->nearby);
        add(&all->open, t->open);
        add(&all->excused, t->excused);
        add(&all->live, t->live);
        add(&all->counts, t->counts);
        add(&all->owned, t->owned);
        add(&all->acquired, t->acquired);
        add(&all->anonymous, t->anonymous);
        add(&all->missing, t->missing);
    }
}

static int by_number(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    int c = compare(y->instances, x->instances);
    if (c == 0)
        c = compare(x->type, y->type);
    if (c == 0)
        c = compare(x->stack, y->stack);
    return c ? c : compare(x->other_stack, y->other_stack);
}

/* The groups' hash is of no use after it. */
static void tell_surplus(struct survey *v)
{
    struct coverage *c = v->c;
    struct groups *g = &v->f.surplus;
    if (g->n > 1)
        qsort(g->at, g->n, sizeof *g->at, by_number);
    c->n_surplus = g->n;
    c->surplus = ARENA_ARRAY(&c->arena, g->n, struct coverage_surplus);
    for (uint32_t i = 0; i < g->n; i++)
        c->surplus[i] = (struct coverage_surplus){
            .type = text_of(v, g->at[i].type),
            .field = text_of(v, g->at[i].other_stack),
            .n = g->at[i].instances,
            .stack = sites_shown(&v->places, g->at[i].stack),
        };
}

static struct coverage_event event_of(struct survey *v, const struct told *k)
{
    return (struct coverage_event){
        .kind = k->kind,
        .field = text_of(v, k->field),
        .n = k->n,
        .rc = k->rc,
        .time = trace_seconds(v->t, k->stamp),
        .stack = sites_shown(&v->places, k->stack),
    };
}

static void tell_events(struct survey *v, const struct story *s,
                        struct coverage_mismatch *m)
{
    m->n_told =
        (uint32_t)(s->n_events < STORY_EVENTS ? s->n_events : STORY_EVENTS);
    m->told = ARENA_ARRAY(&v->c->arena, m->n_told, struct coverage_event);
    for (uint32_t i = 0; i < m->n_told; i++)
        m->told[i] = event_of(
            v, &s->events[(s->n_events - m->n_told + i) % STORY_EVENTS]);
    m->went_on = s->went_on;
    if (m->went_on)
        m->after = event_of(v, &s->after);
}

static void tell_mismatches(struct survey *v)
{
    struct coverage *c = v->c;
    c->n_mismatches = v->f.n_stories;
    c->more_mismatches = v->s->n_mismatches - v->f.n_stories;
    c->mismatches =
        ARENA_ARRAY(&c->arena, c->n_mismatches, struct coverage_mismatch);
    for (uint32_t i = 0; i < c->n_mismatches; i++) {
        const struct mismatch *is = &v->s->mismatches[i];
        const struct story *s = &v->f.stories[i];
        struct coverage_mismatch *m = &c->mismatches[i];
        *m = (struct coverage_mismatch){
            .type = text_of(v, is->type),
            .is = is,
            .time = trace_seconds(v->t, is->stamp),
            .stack = sites_shown(&v->places, is->stack),
            .known = s->known,
            .matched = s->matched,
            .matched_count = s->matched_count,
            .matched_time = trace_seconds(v->t, s->matched_stamp),
            .matched_stack = sites_shown(&v->places, s->matched_stack),
            .n_events = s->n_events,
        };
        tell_events(v, s, m);
    }
}

static void tell_oddities(struct survey *v)
{
    struct coverage *c = v->c;
    c->n_oddities = v->s->n_oddities;
    c->oddities = ARENA_ARRAY(&c->arena, c->n_oddities, struct coverage_oddity);
    for (uint32_t i = 0; i < c->n_oddities; i++) {
        const struct oddity *k = &v->s->oddities[i];
        c->oddities[i] = (struct coverage_oddity){
            .is = k,
            .text = text_of(v, k->text),
            .type = text_of(v, k->type),
            .time = trace_seconds(v->t, k->stamp),
            .stack = sites_shown(&v->places, k->stack),
        };
    }
}

static void tell(struct survey *v, struct symbolizer *z,
                 void (*progress)(uint64_t done, uint64_t total))
{
    struct coverage *c = v->c;
    struct symbols symbols;
    ask_all(v);
    symbols_find(&symbols, z, &c->arena, v->t, v->stacks, v->n_stacks,
                 progress);
    sites_init(&v->places, &c->arena, v->t, &symbols);
    make_types(v);
    count_survivors(v);
    tell_surplus(v);
    tell_mismatches(v);
    tell_oddities(v);
    coverage_sites_make(c, &v->places, &v->f, v->t, &v->type_of);
    sum_taken(c);
    sum_up(c);
    if (c->n_types > 1)
        qsort(c->types, c->n_types, sizeof *c->types, by_open);
    coverage_todo_make(c);
    c->symbols_note = symbols.note;
    c->lines_missing = symbols.lines_missing;
    sites_release(&v->places);
}

/* An image that says nothing itself may have inherited its objects. */
static bool uses_protocol(const struct shadow *s)
{
    const struct shadow_totals *t = &s->totals;
    return t->objects_created + t->increfs + t->decrefs + t->links +
               t->unannounced >
           0;
}

int coverage_make(struct coverage *c, struct symbolizer *z,
                  const struct shadow *s, struct trace *t, struct trace *parent,
                  void (*progress)(uint64_t done, uint64_t total),
                  struct err *e)
{
    *c = (struct coverage){
        .speaks = uses_protocol(s),
        .totals = &s->totals,
        .symbols_note = "",
        .all.type = "",
    };
    if (!c->speaks)
        return 0;
    struct survey v = {.c = c, .s = s, .t = t};
    const int rc = fates_find(&v.f, s, t, parent, e);
    if (rc == 0)
        tell(&v, z, progress);
    fates_release(&v.f);
    table_release(&v.type_of);
    free(v.stacks);
    free(v.asked);
    return rc;
}

void coverage_release(struct coverage *c)
{
    arena_release(&c->arena);
    *c = (struct coverage){.n_types = 0};
}
