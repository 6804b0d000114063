/* SPDX-License-Identifier: MIT */
#include "explain/coverage_todo.h"

#include <stdlib.h>

static void add(struct coverage *c, enum todo_what what, uint32_t index,
                uint64_t weight)
{
    c->todo[c->n_todo++] = (struct todo){what, index, weight};
}

/* Most first; of what weighs the same, what misleads most: as in the enum. */
static int by_weight(const void *a, const void *b)
{
    const struct todo *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* What its type is told for needs no telling of the place, nor does what may
   only have been matched wrongly: some few of many. */
static uint64_t weight_of(const struct coverage_site *s)
{
    enum { FEW = 20 };
    const bool kept_by_all = s->by == TAKEN_BY_NEW && s->never_given;
    const uint64_t n = kept_by_all ? s->elsewhere : s->open - s->died;
    return n < s->taken / FEW && s->held == 0 ? 0 : n;
}

/* Of the counts that are left at the end, those that no site is told for: they
   were references, and nobody gave them back. */
static uint64_t left_of(const struct coverage *c, const struct coverage_type *t)
{
    uint64_t told = 0;
    for (uint32_t i = 0; i < c->n_sites; i++)
        if (c->sites[i].type == t->type && weight_of(&c->sites[i]) > 0)
            told += c->sites[i].held;
    return t->anonymous > told ? t->anonymous - told : 0;
}

static void add_types(struct coverage *c)
{
    bool some_hold_nothing = false;
    for (uint32_t i = 0; i < c->n_types; i++) {
        const struct coverage_type *t = &c->types[i];
        some_hold_nothing |= coverage_never_holds(t);
        if (t->run.died_early > 0)
            add(c, TODO_DIED, i, t->run.left);
        else if (coverage_never_given(t) && t->open > 0)
            add(c, TODO_NEVER_GIVEN, i, t->open);
        else if (t->anonymous > 0 && left_of(c, t) > 0)
            add(c, TODO_LEFT, i, left_of(c, t));
    }
    if (some_hold_nothing) /* explains no count by itself */
        add(c, TODO_NEVER_HOLDS, 0, 0);
}

void coverage_todo_make(struct coverage *c)
{
    const size_t room = (size_t)c->n_sites + c->n_surplus + c->n_mismatches +
                        c->n_oddities + c->n_types + 1;
    c->todo = ARENA_ARRAY(&c->arena, room, struct todo);
    for (uint32_t i = 0; i < c->n_sites; i++)
        if (weight_of(&c->sites[i]) > 0)
            add(c, TODO_SITE, i, weight_of(&c->sites[i]));
    for (uint32_t i = 0; i < c->n_surplus; i++)
        add(c, TODO_SURPLUS, i, c->surplus[i].n);
    for (uint32_t i = 0; i < c->n_mismatches; i++)
        add(c, TODO_MISMATCH, i, c->mismatches[i].is->n);
    for (uint32_t i = 0; i < c->n_oddities; i++)
        add(c, TODO_ODDITY, i, c->oddities[i].is->n);
    add_types(c);
    if (c->n_todo > 1)
        qsort(c->todo, c->n_todo, sizeof *c->todo, by_weight);
}
