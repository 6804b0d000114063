/* SPDX-License-Identifier: MIT */
/*
 * One collection of the replay: merge, subtract, flood, promote (ALGORITHMS 2),
 * on the live records, each in time linear in its candidates and what they
 * hold. collect.c does the same for the graph at the end.
 */
#include "arena.h"
#include "shadow/references.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <string.h>

/* The younger ones join: k, then 0, then 1. */
static void merge(struct replay *r, uint8_t k)
{
    struct generation_list *lists = r->generations.list;
    struct generation_list *to = &lists[k];
    for (uint8_t g = 0; g < k; g++)
        for (uint32_t i = 0; i < lists[g].n; i++) {
            GROW(to->at, to->n, to->room);
            to->at[to->n++] = lists[g].at[i];
        }
    for (uint8_t g = 0; g < k; g++)
        lists[g].n = 0;
}

/* refs: the counts that no candidate explains. */
static void subtract(struct replay *r, const struct generation_list *s,
                     uint8_t k)
{
    for (uint32_t i = 0; i < s->n; i++) {
        struct live_object *v = objects_get(&r->objects, s->at[i]);
        v->refs = v->rc;
        v->reached = false;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        struct references held = references_of(r, s->at[i]);
        for (uint32_t w; (w = references_next(r, &held)) != OURO_NONE;) {
            struct live_object *target = objects_get(&r->objects, w);
            if (target->generation <= k)
                target->refs = (int64_t)((uint64_t)target->refs - 1);
        }
    }
}

/* Alive whatever its count: what it holds is held from outside. */
static bool is_excused(const struct replay *r, const struct live_object *v)
{
    if (v->flags & (OBJECT_IMMORTAL | OBJECT_IGNORED | OBJECT_INHERITED))
        return true;
    return v->block != OURO_NONE && blocks_get(&r->blocks, v->block)->flags &
                                        (BLOCK_INHERITED | BLOCK_IGNORED);
}

static void reach(struct replay *r, uint32_t object)
{
    struct generations *g = &r->generations;
    objects_get(&r->objects, object)->reached = true;
    GROW(g->stack, g->n_stack, g->stack_room);
    g->stack[g->n_stack++] = object;
}

/* From what is on the stack, along references, to candidates. */
static void flood(struct replay *r, uint8_t k)
{
    struct generations *g = &r->generations;
    while (g->n_stack > 0) {
        struct references held = references_of(r, g->stack[--g->n_stack]);
        for (uint32_t w; (w = references_next(r, &held)) != OURO_NONE;) {
            const struct live_object *target = objects_get(&r->objects, w);
            if (target->generation <= k && !target->reached)
                reach(r, w);
        }
    }
}

static void find_alive(struct replay *r, const struct generation_list *s,
                       uint8_t k)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct live_object *v = objects_get(&r->objects, s->at[i]);
        if (v->refs < 0)
            lasting_note(r, s->at[i]);
        if (!v->reached && (v->refs != 0 || is_excused(r, v)))
            reach(r, s->at[i]);
        flood(r, k);
    }
}

/* The survivors stay in the list; `found` gets the others. */
static void part_found(struct replay *r, struct generation_list *s,
                       struct generation_list *found)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const uint32_t v = s->at[i];
        if (objects_get(&r->objects, v)->reached) {
            s->at[kept++] = v;
            continue;
        }
        GROW(found->at, found->n, found->room);
        found->at[found->n++] = v;
    }
    s->n = kept;
}

/* What has a finalizer that must not be called, and all that it reaches. What
   is found reaches nothing that is not, but for what is alive. */
static uint32_t count_uncollectable(struct replay *r,
                                    const struct generation_list *found,
                                    uint8_t k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < found->n; i++) {
        const struct live_object *v = objects_get(&r->objects, found->at[i]);
        if (!v->reached && v->flags & OBJECT_FINALIZER)
            reach(r, found->at[i]);
        flood(r, k);
    }
    for (uint32_t i = 0; i < found->n; i++)
        n += objects_get(&r->objects, found->at[i])->reached;
    return n;
}

static void promote(struct replay *r, uint8_t k)
{
    struct generations *g = &r->generations;
    struct generation_list *s = &g->list[k];
    const uint8_t to = k < GC_OLDEST ? k + 1 : GC_OLDEST;
    struct generation_list *older = &g->list[to];
    if (k == 1)
        g->pending += s->n;
    if (k == GC_OLDEST) {
        g->total = s->n;
        g->pending = 0;
    }
    const uint32_t first = to == k ? 0 : older->n;
    for (uint32_t i = 0; i < s->n && to != k; i++) {
        GROW(older->at, older->n, older->room);
        older->at[older->n++] = s->at[i];
    }
    for (uint32_t i = first; i < older->n; i++) {
        struct live_object *v = objects_get(&r->objects, older->at[i]);
        v->generation = to;
        v->peer = i;
    }
    if (to != k)
        s->n = 0;
}

static void thin(struct gc *gc)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < gc->n_log; i += 2)
        gc->log[kept++] = gc->log[i];
    gc->n_log = kept;
    gc->log_step *= 2;
}

static void note(struct generations *g, const struct collection *c)
{
    struct gc *gc = &g->gc;
    struct gc_stats *stats = &gc->stats[c->generation];
    stats->collections++;
    stats->unreachable += c->unreachable;
    stats->uncollectable += c->uncollectable;
    if (gc->n_log == GC_LOGGED)
        thin(gc);
    if (gc->n_collections++ % gc->log_step != 0)
        return;
    GROW(gc->log, gc->n_log, gc->log_room);
    gc->log[gc->n_log++] = *c;
}

static void take_found(struct replay *r, const struct generation_list *found)
{
    for (uint32_t i = 0; i < found->n; i++) {
        struct live_object *v = objects_get(&r->objects, found->at[i]);
        v->was_in = v->generation;
        v->generation = GC_FOUND;
        v->found_at = r->stamp;
    }
}

static void count_collection(struct gc *gc, uint8_t k)
{
    if (k < GC_OLDEST)
        gc->count[k + 1]++;
    for (uint8_t g = 0; g <= k; g++)
        gc->count[g] = 0;
}

void generations_collect(struct replay *r, int generation, enum gc_why why)
{
    struct generations *g = &r->generations;
    const uint8_t k = (uint8_t)generation;
    struct generation_list *s = &g->list[k];
    struct generation_list found = {0};
    struct collection c = {
        .stamp = r->stamp, .generation = k, .why = (uint8_t)why};
    memcpy(c.count, g->gc.count, sizeof c.count);
    count_collection(&g->gc, k);
    merge(r, k);
    c.objects = s->n;
    subtract(r, s, k);
    find_alive(r, s, k);
    part_found(r, s, &found);
    c.unreachable = found.n;
    c.uncollectable = count_uncollectable(r, &found, k);
    take_found(r, &found);
    promote(r, k);
    free(found.at);
    note(g, &c);
}
