/* SPDX-License-Identifier: MIT */
#include "shadow/replay.h"

#include "arena.h"
#include "shadow/rules.h"

#include <stdlib.h>
#include <string.h>

void replay_init(struct replay *r, const struct gc_options *o)
{
    memset(r, 0, sizeof *r);
    blocks_init(&r->blocks);
    objects_init(&r->objects);
    links_init(&r->links);
    danglings_init(&r->danglings);
    oddities_init(&r->oddities);
    generations_init(&r->generations, o);
    caught_init(&r->caught, o);
    r->certain = true;
}

void replay_release(struct replay *r)
{
    blocks_release(&r->blocks);
    objects_release(&r->objects);
    links_release(&r->links);
    danglings_release(&r->danglings);
    free(r->lasting);
    oddities_release(&r->oddities);
    generations_release(&r->generations);
    census_release(&r->census);
    caught_release(&r->caught);
    table_release(&r->thread_of);
    table_release(&r->mismatch_of);
    table_release(&r->doubtful);
    free(r->threads);
    free(r->misuses);
    free(r->mismatches);
    free(r->waiting.at);
}

struct replay_thread *replay_thread(struct replay *r, uint32_t number)
{
    const uint64_t known = table_get(&r->thread_of, number);
    if (known)
        return &r->threads[known - 1];
    GROW(r->threads, r->n_threads, r->threads_room);
    struct replay_thread *t = &r->threads[r->n_threads++];
    *t = (struct replay_thread){.away = OURO_NONE};
    table_set(&r->thread_of, number, r->n_threads);
    return t;
}

void replay_tell(struct replay *r, uint32_t object, enum ouro_kind kind,
                 int64_t n, uint64_t cookie)
{
    if (!objects_get(&r->objects, object)->watched)
        return;
    const bool named = kind == OURO_REC_ACQUIRE || kind == OURO_REC_RELEASE;
    const struct heard h = {
        .object = object,
        .owner = OURO_NONE,
        .kind = (uint8_t)(kind == OURO_REC_NEW_AT ? OURO_REC_NEW : kind),
        .n = n,
        .cookie = named ? cookie : 0,
        .event = r->now,
    };
    r->listener->hear(r->listener->to, r, &h);
}

void replay_tell_note(struct replay *r, uint32_t object, enum ouro_kind kind,
                      int64_t n)
{
    if (!objects_get(&r->objects, object)->watched || !r->listener->note ||
        !r->now)
        return;
    const struct heard h = {
        .object = object,
        .owner = OURO_NONE,
        .kind = (uint8_t)kind,
        .n = n,
        .event = r->now,
    };
    r->listener->note(r->listener->to, r, &h);
}

void replay_tell_link(struct replay *r, const struct live_link *link,
                      enum ouro_kind kind)
{
    if (!objects_get(&r->objects, link->target)->watched || !r->now)
        return;
    const struct holder *by = links_holder(&r->links, link->holder);
    struct heard h = {
        .object = link->target,
        .owner = resolve_owner_of(r, link->holder),
        .field = link->field,
        .kind = (uint8_t)kind,
        .event = r->now,
    };
    if (by->kind == HOLDER_NAMES)
        h.kind = kind == OURO_REC_LINK ? OURO_REC_ROOT : OURO_REC_UNROOT;
    r->listener->hear(r->listener->to, r, &h);
}

/* Memory came or went unseen: what was free may be in use again. */
static bool forget(struct replay *r, const struct event *e)
{
    if (e->flags == OURO_GAP_MODULE || e->flags == OURO_GAP_NAMESPACE)
        r->bypassed = true;
    addrmap_forget_notes(&r->blocks.map);
    addrmap_forget_notes(&r->objects.map);
    return true;
}

/* Blocks came and went of which only the sums are left. */
static bool add_folded(struct replay *r, const struct event *e)
{
    struct shadow_totals *t = &r->totals;
    t->allocations += folded_allocations(e);
    t->frees += folded_frees(e);
    t->allocated_bytes += e->size;
    if (folded_peak(e) > t->peak_bytes)
        t->peak_bytes = folded_peak(e);
    return true;
}

static bool tell_folded(struct replay *r, const struct event *e)
{
    if (r->listener && r->listener->folded)
        r->listener->folded(r->listener->to, r, e);
    return true;
}

static bool apply_rare(struct replay *r, const struct event *e, bool must)
{
    switch ((int)e->kind) {
    case OURO_LOST:
        r->certain = false;
        return true;
    case OURO_GAP:
        return forget(r, e);
    case OURO_FOLDED:
        return add_folded(r, e);
    case OURO_FOLDED_SITE:
        return tell_folded(r, e);
    case OURO_REC_LABEL:
        return rule_label(r, e, must);
    case OURO_REC_TRACK:
    case OURO_REC_UNTRACK:
    case OURO_REC_IMMORTAL:
    case OURO_REC_FINALIZER:
        return rule_flag(r, e, must);
    case OURO_REC_IGNORE:
        return rule_ignore(r, e, must);
    case OURO_REC_COLLECT:
    case OURO_REC_THRESHOLD:
    case OURO_REC_GC_ENABLE:
    case OURO_REC_GC_DISABLE:
    case OURO_REC_GC_FREEZE:
    case OURO_REC_GC_UNFREEZE:
        generations_obey(r, e);
        return true;
    case OURO_REC_CHECKPOINT:
    case OURO_REC_SNAPSHOT:
        census_checkpoint(r, e);
        return true;
    case OURO_REC_POOL_CREATE:
        return rule_pool_create(r, e, must);
    case OURO_REC_POOL_ALLOC:
        return rule_pool_alloc(r, e, must);
    case OURO_REC_POOL_FREE:
        return rule_pool_free(r, e, must);
    case OURO_REC_POOL_RESET:
        return rule_pool_reset(r, e, must);
    case OURO_REC_POOL_DESTROY:
        return rule_pool_destroy(r, e, must);
    default: /* says nothing about blocks, objects or references */
        return true;
    }
}

static rule *const rule_of[OURO_ALLOC] = {
    [OURO_FREE] = rule_free,
    [OURO_REALLOC_BEGIN] = rule_realloc_begin,
    [OURO_REALLOC_END] = rule_realloc_end,
    [OURO_REALLOC_END_ARRAY] = rule_realloc_end,
    [OURO_REALLOC_FAILED] = rule_realloc_failed,
    [OURO_REALLOC_FREED] = rule_realloc_freed,
    [OURO_REC_NEW] = rule_new,
    [OURO_REC_NEW_AT] = rule_new,
    [OURO_REC_TYPE] = rule_type,
    [OURO_REC_DEAD] = rule_dead,
    [OURO_REC_INCREF] = rule_incref,
    [OURO_REC_DECREF] = rule_decref,
    [OURO_REC_ADD] = rule_add,
    [OURO_REC_ACQUIRE] = rule_acquire,
    [OURO_REC_RELEASE] = rule_release,
    [OURO_REC_COUNT] = rule_count,
    [OURO_REC_LINK] = rule_link,
    [OURO_REC_LINK_AT] = rule_link,
    [OURO_REC_UNLINK] = rule_unlink,
    [OURO_REC_UNLINK_ALL] = rule_unlink_all,
    [OURO_REC_WEAK] = rule_weak,
    [OURO_REC_OWN] = rule_own,
    [OURO_REC_ROOT] = rule_root,
    [OURO_REC_UNROOT] = rule_unroot,
    [OURO_REC_MOVE] = rule_move,
};

bool rules_apply(struct replay *r, const struct event *e, bool must)
{
    r->now = e;
    if (e->kind >= OURO_ALLOC)
        return e->kind < OURO_PROCESS ? rule_alloc(r, e, must)
                                      : apply_rare(r, e, must);
    rule *f = rule_of[e->kind];
    return f ? f(r, e, must) : true;
}

void replay_apply(struct replay *r, const struct event *e)
{
    if (e->stamp > r->stamp)
        r->stamp = e->stamp;
    if (!r->waits)
        rules_apply(r, e, true);
    else if (r->waiting.n > 0 || !rules_apply(r, e, false))
        waiting_apply(r, e);
}

static bool is_of_objects(const struct event *e)
{
    return e->kind >= OURO_REC_NEW && e->kind <= OURO_REC_MOVE;
}

/* An allocation finds nothing, as a rule. */
void replay_expect(struct replay *r, const struct event *events, uint32_t n)
{
    struct addrmap *blocks = &r->blocks.map;
    struct addrmap *objects = &r->objects.map;
    for (uint32_t i = 0; i < n; i++)
        addrmap_expect(is_of_objects(&events[i]) ? objects : blocks,
                       events[i].a);
    for (uint32_t i = 0; i < n; i++)
        if (events[i].kind < OURO_ALLOC)
            addrmap_expect_record(is_of_objects(&events[i]) ? objects : blocks,
                                  events[i].a);
}

void replay_finish(struct replay *r)
{
    waiting_end(r);
    r->now = NULL;
    for (uint32_t i = 0; i < r->n_threads; i++) {
        const uint32_t block = r->threads[i].away;
        if (block == OURO_NONE)
            continue;
        r->threads[i].away = OURO_NONE;
        const uint64_t addr = blocks_get(&r->blocks, block)->place.addr;
        if (blocks_at(&r->blocks, addr) == OURO_NONE)
            block_comes(r, block, addr);
        else /* it must have moved after all, nobody knows where */
            end_block(r, block, false);
    }
    if (r->bypassed)
        misuse_doubt_frees(r);
}
