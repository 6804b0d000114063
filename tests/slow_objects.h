/* SPDX-License-Identifier: MIT */
/*
 * slow_objects.h - objects that are announced, counted and moved
 */
#ifndef TESTS_SLOW_OBJECTS_H
#define TESTS_SLOW_OBJECTS_H

#include "slow_links.h"

static void slow_unknown(struct slow *s, const struct event *e, int gives_up)
{
    const struct slow_note *d = slow_noted(s->dead, s->n_dead, e->a);
    const int block = slow_holding(s, e->a);
    if (gives_up && d &&
        (block == NOBODY || s->blocks[block].stamp <= d->stamp))
        s->misuses[MISUSE_RELEASE_OF_DEAD]++;
    else
        s->totals.unannounced++;
}

static void slow_new(struct slow *s, const struct event *e)
{
    const int old = slow_object_at(s, e->a);
    if (old != NOBODY) {
        s->totals.renewed++;
        slow_end_object(s, old);
    }
    const int plain = e->kind == OURO_REC_NEW;
    const uint32_t leaf = plain ? 0 : e->flags & OURO_NEW_IS_LEAF;
    if (!leaf)
        slow_gc_count(s);
    const int i = s->n_objects++;
    s->objects[i] = (struct slow_object){
        .alive = 1,
        .addr = e->a,
        .bytes = plain ? 0 : e->size,
        .birth = s->born++,
        .stamp = e->stamp,
        .rc = plain ? 1 : e->n,
        .type = e->text,
        .stack = e->stack,
        .flags = leaf,
        .counted = plain || e->n > 0,
    };
    slow_gc_enter(&s->objects[i]);
    s->totals.objects_created++;
    s->totals.objects_live++;
    slow_remember(s->dead, &s->n_dead, e->a, 0, 0);
    slow_enters(s, i, slow_holding(s, e->a));
}

static void slow_move(struct slow *s, const struct event *e, int i)
{
    if (s->objects[i].addr == e->b)
        return;
    const int old = slow_object_at(s, e->b);
    if (old != NOBODY) {
        s->totals.renewed++;
        slow_end_object(s, old);
    }
    struct slow_object *o = &s->objects[i];
    o->alive = 0;
    int alone = 1;
    for (int k = 0; k < s->n_objects; k++)
        if (s->objects[k].alive == 1 && s->objects[k].addr / 16 == o->addr / 16)
            alone = 0;
    if (alone)
        slow_remember(s->dead, &s->n_dead, o->addr, 0, 0);
    o->alive = 1;
    o->addr = e->b;
    slow_remember(s->dead, &s->n_dead, e->b, 0, 0);
    slow_enters(s, i, slow_holding(s, e->b));
}

static void slow_count(struct slow *s, const struct event *e, int64_t n)
{
    const int i = slow_meant(s, e->a);
    if (i == NOBODY) {
        slow_unknown(s, e, n < 0);
        return;
    }
    struct slow_object *o = &s->objects[i];
    o->rc += n;
    slow_gc_event(s, i);
    if (n > 0)
        slow_gc_touch(s, i, e->stack);
    o->counted |= o->rc > 0;
    if (n >= 0)
        s->totals.increfs += (uint64_t)n;
    else
        s->totals.decrefs += (uint64_t)-n;
    if (n < 0 && o->rc < 0 && !o->fell) {
        o->fell = 1;
        s->misuses[MISUSE_NEGATIVE]++;
    }
    if (e->kind == OURO_REC_ACQUIRE)
        s->links[s->n_links++] = (struct slow_link){
            .alive = 1, .by = 'c', .target = i, .offset = e->size};
    const int paired = slow_find(s, 'c', 0, 0, e->size, i);
    if (e->kind == OURO_REC_RELEASE && paired != NOBODY)
        s->links[paired].alive = 0;
}

static void slow_about(struct slow *s, const struct event *e)
{
    const int i = slow_meant(s, e->a);
    if (i == NOBODY) {
        slow_unknown(s, e, e->kind == OURO_REC_DEAD);
        return;
    }
    struct slow_object *o = &s->objects[i];
    if (e->kind == OURO_REC_DEAD)
        slow_end_object(s, i);
    if (e->kind == OURO_REC_MOVE)
        slow_move(s, e, i);
    if (e->kind == OURO_REC_TYPE)
        o->type = e->text;
    if (e->kind == OURO_REC_LABEL)
        o->label = e->text;
    if (e->kind == OURO_REC_TRACK || e->kind == OURO_REC_UNTRACK)
        slow_gc_track(s, i, e->kind == OURO_REC_TRACK);
    if (e->kind == OURO_REC_IMMORTAL)
        o->flags |= OBJECT_IMMORTAL;
    if (e->kind == OURO_REC_FINALIZER)
        o->flags |= OBJECT_FINALIZER;
    if (e->kind == OURO_REC_COUNT)
        s->totals.count_mismatches += o->rc != e->n;
}

#endif
