/* SPDX-License-Identifier: MIT */
/*
 * collector.c - frees the rings that counting leaves behind, when asked to
 *
 * The same trial decrement as CPython's: what is left of a count when all that
 * containers hold on each other is taken off comes from outside. What nothing
 * from outside reaches is emptied, so that its counts fall to zero.
 */
#include "lisp.h"
#include "ouro.h"

#include <stdlib.h>

static struct object containers = {.older = &containers, .newer = &containers};

void collector_add(struct object *o)
{
    o->newer = containers.newer;
    o->older = &containers;
    o->newer->older = o;
    containers.newer = o;
}

void collector_remove(struct object *o)
{
    o->older->newer = o->newer;
    o->newer->older = o->older;
}

/* Calls visit with each container that o holds. */
static void each_held(const struct object *o,
                      void (*visit)(struct object *held))
{
    struct object *held[3] = {NULL, NULL, NULL};
    if (o->kind == PAIR) {
        held[0] = o->as.pair.car;
        held[1] = o->as.pair.cdr;
    } else if (o->kind == CLOSURE) {
        held[0] = o->as.closure.params;
        held[1] = o->as.closure.body;
        held[2] = o->as.closure.env;
    } else {
        held[0] = o->as.env.parent;
        for (struct binding *b = o->as.env.bindings; b; b = b->next)
            if (b->value && b->value->kind >= PAIR)
                visit(b->value);
    }
    for (int i = 0; i < 3; i++)
        if (held[i] && held[i]->kind >= PAIR)
            visit(held[i]);
}

static void take_off(struct object *held)
{
    held->outside--;
}

static struct object *todo; /* reached, and what it holds is not, yet */

static void reach(struct object *held)
{
    if (held->reached)
        return;
    held->reached = true;
    held->next_todo = todo;
    todo = held;
}

static void reach_all(void)
{
    struct object *o;
    for (o = containers.newer; o != &containers; o = o->newer)
        if (o->outside > 0)
            reach(o);
    while (todo) {
        o = todo;
        todo = o->next_todo;
        each_held(o, reach);
    }
}

static void empty(struct object *o)
{
    if (o->kind == PAIR) {
        set_field(o, "car", &o->as.pair.car, NULL);
        set_field(o, "cdr", &o->as.pair.cdr, NULL);
    } else if (o->kind == CLOSURE) {
        set_field(o, "env", &o->as.closure.env, NULL);
    } else {
        OURO_UNLINK_ALL(o);
        release_bindings(o);
        release(o->as.env.parent);
        o->as.env.parent = NULL;
    }
}

/* The dead ones wait in a list of their own, each with a count more that nobody
   hears of: it does not go while the others are emptied. */
static long free_unreached(void)
{
    struct object *dead = NULL;
    long n = 0;
    for (struct object *o = containers.newer; o != &containers; o = o->newer)
        if (!o->reached) {
            o->refs++;
            o->next_todo = dead;
            dead = o;
            n++;
        }
    for (struct object *o = dead; o; o = o->next_todo)
        empty(o);
    while (dead) {
        struct object *o = dead;
        dead = o->next_todo;
        if (--o->refs == 0)
            release_last(o);
    }
    return n;
}

long collect(void)
{
    struct object *o;
    OURO_COLLECT(2);
    for (o = containers.newer; o != &containers; o = o->newer) {
        o->outside = o->refs;
        o->reached = false;
    }
    for (o = containers.newer; o != &containers; o = o->newer)
        each_held(o, take_off);
    reach_all();
    return free_unreached();
}
