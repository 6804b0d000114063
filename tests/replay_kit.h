/* SPDX-License-Identifier: MIT */
/*
 * replay_kit.h - events written as a program would say them, and their result
 *
 * One replay and one result at a time. Stamps count up by one for each event;
 * say_at() sets the next. Texts are numbers here: 1 is a type, 2 a field, ...
 */
#ifndef TESTS_REPLAY_KIT_H
#define TESTS_REPLAY_KIT_H

#include "ouro_trace.h"
#include "shadow/replay.h"

#include <check.h>
#include <string.h>

static struct replay kit_replay;
static struct shadow kit_shadow;
static uint64_t kit_stamp;
static uint32_t kit_thread, kit_stack;

__attribute__((unused)) static void kit_begin(void)
{
    replay_init(&kit_replay, NULL);
    memset(&kit_shadow, 0, sizeof kit_shadow);
    kit_stamp = 1000;
    kit_thread = 1;
    kit_stack = 0;
}

__attribute__((unused)) static void kit_end(void)
{
    replay_release(&kit_replay);
    shadow_release(&kit_shadow);
}

__attribute__((unused)) static void say_event(struct event e)
{
    e.stamp = kit_stamp++;
    e.thread = kit_thread;
    e.stack = e.stack ? e.stack : kit_stack;
    replay_apply(&kit_replay, &e);
}

#define SAY(what, ...) say_event((struct event){.kind = (what), __VA_ARGS__})

/* The result so far; nothing can be said after it. */
__attribute__((unused)) static const struct shadow *result(void)
{
    replay_finish(&kit_replay);
    replay_settle(&kit_replay, &kit_shadow);
    ck_assert(shadow_is_valid(&kit_shadow));
    return &kit_shadow;
}

/* One line for each thing that a program says. */
#define MALLOC(p, bytes)    SAY(OURO_ALLOC, .a = (p), .size = (bytes))
#define FREE(p)             SAY(OURO_FREE, .a = (p))
#define REALLOC_BEGIN(p)    SAY(OURO_REALLOC_BEGIN, .a = (p))
#define REALLOC_END(p, len) SAY(OURO_REALLOC_END, .a = (p), .size = (len))
#define REALLOC_FAILED()    SAY(OURO_REALLOC_FAILED, .a = 0)
#define REALLOC_FREED()     SAY(OURO_REALLOC_FREED, .a = 0)
#define NEW(o, type)        SAY(OURO_REC_NEW, .a = (o), .text = (type))
#define NEW_AT(o, type, count, bytes)                                          \
    SAY(OURO_REC_NEW_AT, .a = (o), .text = (type), .n = (count),               \
        .size = (bytes))
#define DEAD(o)            SAY(OURO_REC_DEAD, .a = (o))
#define INCREF(o)          SAY(OURO_REC_INCREF, .a = (o))
#define DECREF(o)          SAY(OURO_REC_DECREF, .a = (o))
#define ADD(o, by)         SAY(OURO_REC_ADD, .a = (o), .n = (by))
#define ACQUIRE(o, cookie) SAY(OURO_REC_ACQUIRE, .a = (o), .size = (cookie))
#define RELEASE(o, cookie) SAY(OURO_REC_RELEASE, .a = (o), .size = (cookie))
#define COUNT(o, count)    SAY(OURO_REC_COUNT, .a = (o), .n = (count))
#define LINK(o, field, t)                                                      \
    SAY(OURO_REC_LINK, .a = (o), .b = (t), .text = (field))
#define LINK_AT(o, field, index, slot, t)                                      \
    SAY(OURO_REC_LINK_AT, .a = (o), .b = (t), .text = (field), .n = (index),   \
        .size = (slot))
#define UNLINK(o, field, t)                                                    \
    SAY(OURO_REC_UNLINK, .a = (o), .b = (t), .text = (field))
#define UNLINK_ALL(o) SAY(OURO_REC_UNLINK_ALL, .a = (o))
#define WEAK(o, field, t)                                                      \
    SAY(OURO_REC_WEAK, .a = (o), .b = (t), .text = (field))
#define OWN(o, block)   SAY(OURO_REC_OWN, .a = (o), .b = (block))
#define ROOT(name, t)   SAY(OURO_REC_ROOT, .text = (name), .b = (t))
#define UNROOT(name, t) SAY(OURO_REC_UNROOT, .text = (name), .b = (t))
#define MOVE(from, to)  SAY(OURO_REC_MOVE, .a = (from), .b = (to))
#define MARK(what, o)   SAY((what), .a = (o))
#define POOL_CREATE(p, at, len)                                                \
    SAY(OURO_REC_POOL_CREATE, .a = (p), .b = (at), .size = (len))
#define POOL_ALLOC(p, at, len)                                                 \
    SAY(OURO_REC_POOL_ALLOC, .a = (p), .b = (at), .size = (len))
#define POOL_FREE(p, at) SAY(OURO_REC_POOL_FREE, .a = (p), .b = (at))
#define POOL_RESET(p)    SAY(OURO_REC_POOL_RESET, .a = (p))
#define POOL_DESTROY(p)  SAY(OURO_REC_POOL_DESTROY, .a = (p))

#endif
