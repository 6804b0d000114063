/* SPDX-License-Identifier: MIT */
/*
 * slow_generations.h - generations and collections once more, by long loops
 *
 * The part of slow_replay.h that is about them. A collection is found straight
 * from its definition: the largest set in which every object has exactly the
 * counts that candidates explain and every candidate that holds it is in it, by
 * taking out what breaks that until nothing does.
 */
#ifndef TESTS_SLOW_GENERATIONS_H
#define TESTS_SLOW_GENERATIONS_H

#include "slow_replay_types.h"

static int slow_gc_tracked(const struct slow_object *o)
{
    return !(o->flags & (OBJECT_LEAF | OBJECT_UNTRACKED));
}

static int slow_gc_excused(const struct slow *s, const struct slow_object *o)
{
    return (o->flags & (OBJECT_IMMORTAL | OBJECT_IGNORED)) != 0 ||
           (o->block != NOBODY && s->blocks[o->block].ignored);
}

static int slow_gc_is_edge(const struct slow *s, int link, int from, int to)
{
    const struct slow_link *l = &s->links[link];
    return l->alive && l->by != 'c' && l->target == to &&
           slow_owner_of(s, l->by, l->who) == from;
}

static int64_t slow_gc_edges(const struct slow *s, int from, int to)
{
    int64_t n = 0;
    for (int i = 0; i < s->n_links; i++)
        n += slow_gc_is_edge(s, i, from, to);
    return n;
}

/* Does v have to leave the set `in` of candidates `s`? */
static int slow_gc_breaks(const struct slow *s, const unsigned char *young,
                          const unsigned char *in, int v)
{
    int64_t ext = s->objects[v].rc;
    for (int u = 0; u < s->n_objects; u++) {
        const int64_t n = young[u] ? slow_gc_edges(s, u, v) : 0;
        ext -= n;
        if (n > 0 && !in[u])
            return 1;
    }
    return ext != 0 || slow_gc_excused(s, &s->objects[v]);
}

static void slow_gc_spread(const struct slow *s, const unsigned char *in,
                           unsigned char *to)
{
    for (int changed = 1; changed;) {
        changed = 0;
        for (int v = 0; v < s->n_objects; v++)
            for (int u = 0; u < s->n_objects && in[v] && !to[v]; u++)
                if (to[u] && slow_gc_edges(s, u, v) > 0)
                    changed = to[v] = 1;
    }
}

/* Does it have fewer counts than candidates hold, twice in a row? */
static void slow_gc_judge(struct slow *s, const unsigned char *young, int v)
{
    struct slow_object *o = &s->objects[v];
    int64_t ext = o->rc;
    for (int u = 0; u < s->n_objects; u++)
        ext -= young[u] ? slow_gc_edges(s, u, v) : 0;
    if (ext >= 0)
        return;
    s->n_lasting += o->short_once && !o->short_long;
    o->short_long |= o->short_once;
    o->short_once = 1;
}

static void slow_gc_collect(struct slow *s, int k, int why)
{
    static unsigned char young[SLOW_MAX], in[SLOW_MAX], bad[SLOW_MAX];
    struct gc *gc = &s->gc;
    struct collection c = {
        .stamp = s->now, .generation = (uint8_t)k, .why = (uint8_t)why};
    for (int g = 0; g < 3; g++)
        c.count[g] = gc->count[g];
    for (int v = 0; v < s->n_objects; v++) {
        const struct slow_object *o = &s->objects[v];
        in[v] = young[v] = o->alive && o->generation <= k;
        c.objects += (uint32_t)young[v];
    }
    for (int v = 0; v < s->n_objects; v++)
        if (young[v])
            slow_gc_judge(s, young, v);
    for (int changed = 1; changed;) {
        changed = 0;
        for (int v = 0; v < s->n_objects; v++)
            if (in[v] && slow_gc_breaks(s, young, in, v)) {
                in[v] = 0;
                changed = 1;
            }
    }
    for (int v = 0; v < s->n_objects; v++)
        bad[v] = in[v] && s->objects[v].flags & OBJECT_FINALIZER;
    slow_gc_spread(s, in, bad);
    uint64_t survivors = 0;
    for (int v = 0; v < s->n_objects; v++) {
        struct slow_object *o = &s->objects[v];
        c.unreachable += (uint32_t)in[v];
        c.uncollectable += (uint32_t)bad[v];
        if (in[v]) {
            o->was_in = o->generation;
            o->generation = GC_FOUND;
            o->found_at = s->now;
        } else if (young[v]) {
            o->generation = (uint8_t)(k < 2 ? k + 1 : 2);
            survivors++;
        }
    }
    if (k < 2)
        gc->count[k + 1]++;
    for (int g = 0; g <= k; g++)
        gc->count[g] = 0;
    s->pending = k == 2 ? 0 : s->pending + (k == 1 ? survivors : 0);
    s->total = k == 2 ? survivors : s->total;
    gc->stats[k].collections++;
    gc->stats[k].unreachable += c.unreachable;
    gc->stats[k].uncollectable += c.uncollectable;
    s->log[gc->n_collections++] = c;
}

/* Something happened to its counts, or to a reference to it. */
static void slow_gc_event(struct slow *s, int i)
{
    if (i != NOBODY)
        s->objects[i].short_once = 0;
}

/* About to be created. */
static void slow_gc_count(struct slow *s)
{
    struct gc *gc = &s->gc;
    if (++gc->count[0] <= gc->threshold[0] || gc->disabled ||
        gc->threshold[0] == 0)
        return;
    for (int k = 2; k >= 0; k--) {
        const int blocked = k == 2 && s->pending < s->total / 4;
        if (gc->count[k] > gc->threshold[k] && !blocked) {
            slow_gc_collect(s, k, GC_BY_THRESHOLD);
            return;
        }
    }
}

static void slow_gc_enter(struct slow_object *o)
{
    o->generation = slow_gc_tracked(o) ? 0 : GC_NOWHERE;
}

static void slow_gc_less(struct slow *s)
{
    s->gc.count[0] -= s->gc.count[0] > 0;
}

static void slow_gc_dies(struct slow *s, int i)
{
    const struct slow_object *o = &s->objects[i];
    if (o->generation <= GC_PERMANENT)
        slow_gc_less(s);
    if (o->generation != GC_FOUND)
        return;
    const uint64_t delay = s->now - o->found_at;
    s->gc.n_reclaimed++;
    s->gc.delay_sum += delay;
    if (delay > s->gc.delay_most)
        s->gc.delay_most = delay;
}

static void slow_gc_track(struct slow *s, int i, int tracked)
{
    struct slow_object *o = &s->objects[i];
    const uint8_t before = o->generation;
    if (tracked == !(o->flags & OBJECT_UNTRACKED))
        return;
    o->flags ^= OBJECT_UNTRACKED;
    slow_gc_enter(o);
    if (tracked)
        s->gc.count[0] += o->generation == 0;
    else if (before <= GC_PERMANENT)
        slow_gc_less(s);
}

/* A reference to it was taken, or given to it. */
static void slow_gc_touch(struct slow *s, int i, uint32_t stack)
{
    static unsigned char in[SLOW_MAX], back[SLOW_MAX];
    if (i == NOBODY || s->objects[i].generation != GC_FOUND)
        return;
    for (int v = 0; v < s->n_objects; v++) {
        in[v] = s->objects[v].alive && s->objects[v].generation == GC_FOUND;
        back[v] = v == i;
    }
    slow_gc_spread(s, in, back);
    for (int v = 0; v < s->n_objects; v++)
        if (back[v])
            s->objects[v].generation = 0;
    s->gc.n_revived++;
    s->revived_at[stack]++;
}

static void slow_gc_move(struct slow *s, uint8_t from, uint8_t last, uint8_t to)
{
    for (int v = 0; v < s->n_objects; v++) {
        struct slow_object *o = &s->objects[v];
        if (o->alive && o->generation >= from && o->generation <= last)
            o->generation = to;
    }
}

static void slow_gc(struct slow *s, const struct event *e)
{
    struct gc *gc = &s->gc;
    if (e->kind == OURO_REC_COLLECT)
        slow_gc_collect(s, e->n < 0 || e->n > 2 ? 2 : (int)e->n, GC_EXPLICIT);
    if (e->kind == OURO_REC_GC_ENABLE)
        gc->disabled = false;
    if (e->kind == OURO_REC_GC_DISABLE)
        gc->disabled = true;
    if (e->kind == OURO_REC_GC_UNFREEZE)
        slow_gc_move(s, GC_PERMANENT, GC_PERMANENT, GC_OLDEST);
    for (int g = 0; g < 3; g++) {
        if (e->kind == OURO_REC_THRESHOLD)
            gc->threshold[g] = e->threshold[g];
        if (e->kind == OURO_REC_GC_FREEZE)
            gc->count[g] = 0;
    }
    if (e->kind == OURO_REC_GC_FREEZE)
        slow_gc_move(s, 0, GC_OLDEST, GC_PERMANENT);
}

#endif
