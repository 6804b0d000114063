/* SPDX-License-Identifier: MIT */
/*
 * protocol.c - what the macros of ouro.h call, found as `ouro_hooks_v1`
 */
#include "config.h"
#include "export.h"
#include "file.h"
#include "ouro.h"
#include "said.h"
#include "snapshot.h"

#include <string.h>

enum { PLAIN = 0, WITH_STACK = 1 };

#define ADDR(p)                                                                \
    {                                                                          \
        RECORD_ADDR, (uintptr_t)(p), NULL                                      \
    }
#define ABS(p)                                                                 \
    {                                                                          \
        RECORD_UNSIGNED, (uintptr_t)(p), NULL                                  \
    }
#define STRING(s)                                                              \
    {                                                                          \
        RECORD_STRING, 0, (s)                                                  \
    }
#define TEXT(s)                                                                \
    {                                                                          \
        RECORD_TEXT, strnlen((s), OURO_MAX_STRING), (s)                        \
    }
#define UNSIGNED(n)                                                            \
    {                                                                          \
        RECORD_UNSIGNED, (n), NULL                                             \
    }
#define SIGNED(n)                                                              \
    {                                                                          \
        RECORD_SIGNED, (uint64_t)(n), NULL                                     \
    }
#define BYTE(n)                                                                \
    {                                                                          \
        RECORD_BYTE, (n), NULL                                                 \
    }

/* In a hook itself: `here` is the host's line. */
#define SAY(kind, stack, ...)                                                  \
    do {                                                                       \
        const struct stack_here here = STACK_HERE();                           \
        const struct record_field fields[] = {__VA_ARGS__};                    \
        said((kind), fields, sizeof fields / sizeof *fields, &here,            \
             (stack) && config()->stacks == CONFIG_STACKS_ALL);                \
    } while (0)

static void on_new(const void *obj, const char *type)
{
    if (obj)
        SAY(OURO_REC_NEW, WITH_STACK, ADDR(obj), STRING(type));
}

static void on_new_at(const void *obj, const char *type, int64_t count,
                      uint64_t bytes)
{
    if (obj)
        SAY(OURO_REC_NEW_AT, WITH_STACK, ADDR(obj), STRING(type), BYTE(0),
            SIGNED(count), UNSIGNED(bytes));
}

static void on_new_leaf(const void *obj, const char *type)
{
    if (obj)
        SAY(OURO_REC_NEW_AT, WITH_STACK, ADDR(obj), STRING(type),
            BYTE(OURO_NEW_IS_LEAF), SIGNED(1), UNSIGNED(0));
}

static void on_type(const void *obj, const char *type)
{
    if (obj)
        SAY(OURO_REC_TYPE, PLAIN, ADDR(obj), STRING(type));
}

static void on_label(const void *obj, const char *text)
{
    if (!text)
        text = "";
    if (obj)
        SAY(OURO_REC_LABEL, PLAIN, ABS(obj), TEXT(text));
}

static void on_dead(const void *obj)
{
    if (obj)
        SAY(OURO_REC_DEAD, WITH_STACK, ADDR(obj));
}

static void on_incref(const void *obj)
{
    if (obj)
        SAY(OURO_REC_INCREF, WITH_STACK, ADDR(obj));
}

static void on_decref(const void *obj)
{
    if (obj)
        SAY(OURO_REC_DECREF, WITH_STACK, ADDR(obj));
}

static void on_add(const void *obj, int64_t n)
{
    if (obj)
        SAY(OURO_REC_ADD, WITH_STACK, ADDR(obj), SIGNED(n));
}

static void on_acquire(const void *obj, uint64_t cookie)
{
    if (obj)
        SAY(OURO_REC_ACQUIRE, WITH_STACK, ADDR(obj), UNSIGNED(cookie));
}

static void on_release(const void *obj, uint64_t cookie)
{
    if (obj)
        SAY(OURO_REC_RELEASE, WITH_STACK, ADDR(obj), UNSIGNED(cookie));
}

static void on_count(const void *obj, int64_t n)
{
    if (obj)
        SAY(OURO_REC_COUNT, PLAIN, ADDR(obj), SIGNED(n));
}

static void on_link(const void *owner, const char *field, const void *target)
{
    if (owner && target)
        SAY(OURO_REC_LINK, WITH_STACK, ADDR(owner), STRING(field),
            ADDR(target));
}

static void on_unlink(const void *owner, const char *field, const void *target)
{
    if (owner && target)
        SAY(OURO_REC_UNLINK, PLAIN, ADDR(owner), STRING(field), ADDR(target));
}

static void on_link_at(const void *owner, const char *field, int64_t index,
                       const void *slot, const void *target)
{
    if (owner && target)
        SAY(OURO_REC_LINK_AT, WITH_STACK, ADDR(owner), STRING(field),
            SIGNED(index), ADDR(slot), ADDR(target));
}

static void on_unlink_all(const void *owner)
{
    if (owner)
        SAY(OURO_REC_UNLINK_ALL, PLAIN, ADDR(owner));
}

static void on_root(const char *name, const void *target)
{
    if (target)
        SAY(OURO_REC_ROOT, PLAIN, STRING(name), ADDR(target));
}

static void on_unroot(const char *name, const void *target)
{
    if (target)
        SAY(OURO_REC_UNROOT, PLAIN, STRING(name), ADDR(target));
}

static void on_own(const void *obj, const void *block)
{
    if (obj && block)
        SAY(OURO_REC_OWN, PLAIN, ADDR(obj), ADDR(block));
}

static void on_weak(const void *owner, const char *field, const void *target)
{
    if (owner && target)
        SAY(OURO_REC_WEAK, PLAIN, ADDR(owner), STRING(field), ADDR(target));
}

static void on_move(const void *from, const void *to)
{
    if (from && to)
        SAY(OURO_REC_MOVE, PLAIN, ADDR(from), ADDR(to));
}

static void on_track(const void *obj)
{
    if (obj)
        SAY(OURO_REC_TRACK, PLAIN, ABS(obj));
}

static void on_untrack(const void *obj)
{
    if (obj)
        SAY(OURO_REC_UNTRACK, PLAIN, ABS(obj));
}

static void on_immortal(const void *obj)
{
    if (obj)
        SAY(OURO_REC_IMMORTAL, PLAIN, ABS(obj));
}

static void on_finalizer(const void *obj)
{
    if (obj)
        SAY(OURO_REC_FINALIZER, PLAIN, ABS(obj));
}

/* Before its stamp is read. In a forked child the header is the parent's until
   the first event. */
static bool moment_begins(void)
{
    const bool is_told = life_is_recording();
    if (is_told)
        file_moment_begins();
    return is_told;
}

static void moment_ends(bool is_told)
{
    if (is_told)
        file_moment_told();
}

static void on_checkpoint(const char *name)
{
    const bool is_told = moment_begins();
    if (!name)
        name = "";
    SAY(OURO_REC_CHECKPOINT, PLAIN, TEXT(name));
    moment_ends(is_told);
}

static void on_snapshot(const char *name)
{
    const bool is_told = moment_begins();
    if (!name)
        name = "";
    SAY(OURO_REC_SNAPSHOT, PLAIN, TEXT(name));
    snapshot_take(OURO_SNAP_SAID, name);
    moment_ends(is_told);
}

static void on_collect(uint32_t generation)
{
    SAY(OURO_REC_COLLECT, PLAIN, UNSIGNED(generation));
}

static void on_gc_set_threshold(uint32_t a, uint32_t b, uint32_t c)
{
    SAY(OURO_REC_THRESHOLD, PLAIN, UNSIGNED(a), UNSIGNED(b), UNSIGNED(c));
}

/* Records without fields. */
#define SAY_ALONE(kind)                                                        \
    do {                                                                       \
        const struct stack_here here = STACK_HERE();                           \
        record_said((kind), NULL, 0, &here, false);                            \
    } while (0)

static void on_gc_enable(void)
{
    SAY_ALONE(OURO_REC_GC_ENABLE);
}

static void on_gc_disable(void)
{
    SAY_ALONE(OURO_REC_GC_DISABLE);
}

static void on_gc_freeze(void)
{
    SAY_ALONE(OURO_REC_GC_FREEZE);
}

static void on_gc_unfreeze(void)
{
    SAY_ALONE(OURO_REC_GC_UNFREEZE);
}

static void on_pool_create(const void *pool, const void *memory, uint64_t size)
{
    if (pool && memory)
        SAY(OURO_REC_POOL_CREATE, PLAIN, ABS(pool), ABS(memory),
            UNSIGNED(size));
}

static void on_pool_alloc(const void *pool, const void *p, uint64_t size)
{
    if (pool && p)
        SAY(OURO_REC_POOL_ALLOC, WITH_STACK, ABS(pool), ABS(p), UNSIGNED(size));
}

static void on_pool_free(const void *pool, const void *p)
{
    if (pool && p)
        SAY(OURO_REC_POOL_FREE, PLAIN, ABS(pool), ABS(p));
}

static void on_pool_reset(const void *pool)
{
    if (pool)
        SAY(OURO_REC_POOL_RESET, PLAIN, ABS(pool));
}

static void on_pool_destroy(const void *pool)
{
    if (pool)
        SAY(OURO_REC_POOL_DESTROY, PLAIN, ABS(pool));
}

static void on_ignore(const void *p)
{
    if (p)
        SAY(OURO_REC_IGNORE, PLAIN, ABS(p));
}

static void on_disable(void)
{
    shim_visitor.disabled++;
}

static void on_enable(void)
{
    if (shim_visitor.disabled > 0)
        shim_visitor.disabled--;
}

EXPORT const struct ouro_hooks ouro_hooks_v1;
const struct ouro_hooks ouro_hooks_v1 = {
    .size = sizeof(struct ouro_hooks),
    .version = 1,
    .on_new = on_new,
    .on_new_at = on_new_at,
    .on_new_leaf = on_new_leaf,
    .on_type = on_type,
    .on_label = on_label,
    .on_dead = on_dead,
    .on_incref = on_incref,
    .on_decref = on_decref,
    .on_add = on_add,
    .on_acquire = on_acquire,
    .on_release = on_release,
    .on_count = on_count,
    .on_link = on_link,
    .on_unlink = on_unlink,
    .on_link_at = on_link_at,
    .on_unlink_all = on_unlink_all,
    .on_root = on_root,
    .on_unroot = on_unroot,
    .on_own = on_own,
    .on_weak = on_weak,
    .on_move = on_move,
    .on_track = on_track,
    .on_untrack = on_untrack,
    .on_immortal = on_immortal,
    .on_finalizer = on_finalizer,
    .on_checkpoint = on_checkpoint,
    .on_snapshot = on_snapshot,
    .on_collect = on_collect,
    .on_gc_set_threshold = on_gc_set_threshold,
    .on_gc_enable = on_gc_enable,
    .on_gc_disable = on_gc_disable,
    .on_gc_freeze = on_gc_freeze,
    .on_gc_unfreeze = on_gc_unfreeze,
    .on_pool_create = on_pool_create,
    .on_pool_alloc = on_pool_alloc,
    .on_pool_free = on_pool_free,
    .on_pool_reset = on_pool_reset,
    .on_pool_destroy = on_pool_destroy,
    .on_ignore = on_ignore,
    .on_disable = on_disable,
    .on_enable = on_enable,
};
