/* SPDX-License-Identifier: MIT */
#include "shadow/generations.h"

#include "arena.h"
#include "shadow/references.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <string.h>

void generations_init(struct generations *g, const struct gc_options *o)
{
    static const uint64_t usual[GC_GENERATIONS] = GC_USUAL_THRESHOLDS;
    memset(g, 0, sizeof *g);
    g->gc.log_step = 1;
    memcpy(g->gc.threshold, usual, sizeof usual);
    if (!o)
        return;
    g->none = o->none;
    g->fixed = o->fixed;
    if (o->fixed)
        memcpy(g->gc.threshold, o->threshold, sizeof o->threshold);
}

static void release_figures(struct generations *g)
{
    free(g->gc.log);
    free(g->gc.revivals);
    table_release(&g->revival_of);
}

void generations_release(struct generations *g)
{
    for (int i = 0; i <= GC_PERMANENT; i++)
        free(g->list[i].at);
    free(g->stack);
    release_figures(g);
    memset(g, 0, sizeof *g);
}

static bool list_is_valid(const struct replay *r, uint8_t generation)
{
    const struct generation_list *l = &r->generations.list[generation];
    for (uint32_t i = 0; i < l->n; i++) {
        if (!slots_is_live(&r->objects.slots, l->at[i]))
            return false;
        const struct live_object *k = objects_get(&r->objects, l->at[i]);
        if (k->generation != generation || k->peer != i)
            return false;
    }
    return true;
}

bool generations_are_valid(const struct replay *r)
{
    const uint32_t outside = OBJECT_LEAF | OBJECT_UNTRACKED;
    uint64_t members = 0;
    uint64_t listed = 0;
    for (uint32_t i = 0; i < r->objects.slots.n; i++) {
        if (!slots_is_live(&r->objects.slots, i))
            continue;
        const struct live_object *k = objects_get(&r->objects, i);
        if (((k->flags & outside) != 0) != (k->generation == GC_NOWHERE))
            return false;
        members += k->generation <= GC_PERMANENT;
    }
    for (int g = 0; g <= GC_PERMANENT; g++) {
        if (!list_is_valid(r, (uint8_t)g))
            return false;
        listed += r->generations.list[g].n;
    }
    return members == listed;
}

static void join(struct replay *r, uint32_t object, uint8_t generation)
{
    struct generation_list *l = &r->generations.list[generation];
    struct live_object *k = objects_get(&r->objects, object);
    GROW(l->at, l->n, l->room);
    k->generation = generation;
    k->peer = l->n;
    l->at[l->n++] = object;
}

static void part(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    struct generation_list *l = &r->generations.list[k->generation];
    const uint32_t last = l->at[--l->n];
    l->at[k->peer] = last;
    objects_get(&r->objects, last)->peer = k->peer;
}

static bool is_tracked(const struct live_object *k)
{
    return !(k->flags & (OBJECT_LEAF | OBJECT_UNTRACKED));
}

/* The oldest generation that is due; -1: none. */
static int due(const struct generations *g)
{
    const struct gc *gc = &g->gc;
    for (int i = GC_OLDEST; i >= 0; i--) {
        if (gc->count[i] <= gc->threshold[i])
            continue;
        if (i == GC_OLDEST && g->pending < g->total / 4)
            continue;
        return i;
    }
    return -1;
}

void generations_count(struct replay *r)
{
    struct generations *g = &r->generations;
    const struct gc *gc = &g->gc;
    g->gc.count[0]++;
    if (g->none || gc->disabled || gc->threshold[0] == 0 ||
        gc->count[0] <= gc->threshold[0])
        return;
    generations_collect(r, due(g), GC_BY_THRESHOLD);
}

void generations_enter(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (is_tracked(k))
        join(r, object, 0);
    else
        k->generation = GC_NOWHERE;
}

static void count_less(struct generations *g)
{
    if (g->gc.count[0] > 0)
        g->gc.count[0]--;
}

static void note_reclaimed(struct replay *r, const struct live_object *k)
{
    struct gc *gc = &r->generations.gc;
    const uint64_t delay = r->stamp > k->found_at ? r->stamp - k->found_at : 0;
    gc->n_reclaimed++;
    gc->delay_sum += delay;
    if (delay > gc->delay_most)
        gc->delay_most = delay;
}

void generations_leave(struct replay *r, uint32_t object)
{
    const struct live_object *k = objects_get(&r->objects, object);
    if (k->generation == GC_FOUND)
        note_reclaimed(r, k);
    if (k->generation > GC_PERMANENT)
        return;
    part(r, object);
    count_less(&r->generations);
}

void generations_track(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    if (!(k->flags & OBJECT_UNTRACKED))
        return;
    k->flags &= ~(uint32_t)OBJECT_UNTRACKED;
    r->generations.gc.count[0] += is_tracked(k);
    generations_enter(r, object);
}

void generations_untrack(struct replay *r, uint32_t object)
{
    struct live_object *k = objects_get(&r->objects, object);
    k->flags |= OBJECT_UNTRACKED;
    if (k->generation <= GC_PERMANENT) {
        part(r, object);
        count_less(&r->generations);
    }
    k->generation = GC_NOWHERE;
}

static void note_revived(struct replay *r, const struct live_object *k)
{
    struct generations *g = &r->generations;
    struct gc *gc = &g->gc;
    const uint32_t stack = r->now ? r->now->stack : 0;
    const uint64_t key = (uint64_t)k->type << 32 | stack;
    const uint64_t known = table_get(&g->revival_of, key);
    gc->n_revived++;
    if (known)
        gc->revivals[known - 1].n++;
    if (known || gc->n_revivals == GC_REVIVALS)
        return;
    GROW(gc->revivals, gc->n_revivals, g->revived_room);
    gc->revivals[gc->n_revivals++] =
        (struct revived){k->type, stack, 1, r->stamp};
    table_set(&g->revival_of, key, gc->n_revivals);
}

static void come_back(struct replay *r, uint32_t object)
{
    struct generations *g = &r->generations;
    if (objects_get(&r->objects, object)->generation != GC_FOUND)
        return;
    join(r, object, 0);
    GROW(g->stack, g->n_stack, g->stack_room);
    g->stack[g->n_stack++] = object;
}

void generations_touch(struct replay *r, uint32_t object)
{
    struct generations *g = &r->generations;
    const struct live_object *k = objects_get(&r->objects, object);
    if (k->generation != GC_FOUND)
        return;
    note_revived(r, k);
    come_back(r, object);
    while (g->n_stack > 0) {
        struct references held = references_of(r, g->stack[--g->n_stack]);
        for (uint32_t w; (w = references_next(r, &held)) != OURO_NONE;)
            come_back(r, w);
    }
}

static void move_all(struct replay *r, uint8_t from, uint8_t to)
{
    struct generation_list *l = &r->generations.list[from];
    for (uint32_t i = 0; i < l->n; i++)
        join(r, l->at[i], to);
    l->n = 0;
}

static void freeze(struct replay *r)
{
    for (int g = 0; g < GC_GENERATIONS; g++) {
        move_all(r, (uint8_t)g, GC_PERMANENT);
        r->generations.gc.count[g] = 0;
    }
}

static void set_thresholds(struct generations *g, const struct event *e)
{
    if (!g->fixed)
        memcpy(g->gc.threshold, e->threshold, sizeof g->gc.threshold);
}

void generations_obey(struct replay *r, const struct event *e)
{
    struct gc *gc = &r->generations.gc;
    switch ((int)e->kind) {
    case OURO_REC_COLLECT:
        if (r->generations.none)
            return;
        generations_collect(
            r, e->n < 0 || e->n > GC_OLDEST ? GC_OLDEST : (int)e->n,
            GC_EXPLICIT);
        return;
    case OURO_REC_THRESHOLD:
        set_thresholds(&r->generations, e);
        return;
    case OURO_REC_GC_ENABLE:
    case OURO_REC_GC_DISABLE:
        gc->disabled = e->kind == OURO_REC_GC_DISABLE;
        return;
    case OURO_REC_GC_FREEZE:
        freeze(r);
        return;
    case OURO_REC_GC_UNFREEZE:
        move_all(r, GC_PERMANENT, GC_OLDEST);
        return;
    default:
        return;
    }
}

void generations_fork(struct replay *r)
{
    struct gc *gc = &r->generations.gc;
    struct gc fresh = {.disabled = gc->disabled, .log_step = 1};
    memcpy(fresh.threshold, gc->threshold, sizeof fresh.threshold);
    memcpy(fresh.count, gc->count, sizeof fresh.count);
    release_figures(&r->generations);
    *gc = fresh;
    r->generations.revived_room = 0;
}
