/* SPDX-License-Identifier: MIT */
/*
 * writer.h - one record in the making
 *
 * writer_begin, writer_head, the fields at the address that it returned, then
 * thread.at is set behind the last of them and chunk_commit() makes all of it
 * true. Until then nothing was written as far as any reader knows.
 */
#ifndef PRELOAD_WRITER_H
#define PRELOAD_WRITER_H

#include "chunk.h"
#include "config.h"
#include "encode.h"
#include "hot.h"
#include "stack.h"
#include "thread.h"
#include "tick.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer {
    struct thread *thread;
    uint64_t stamp;
    int has_stack; /* OURO_HAS_STACK, or 0 */
};

enum {
    WRITER_ROOM = 192, /* THREAD, EPOCH, CUT, two STACK heads and a short
                          record, all of their numbers as long as can be */
    WRITER_FRAME_ROOM = 1 + OURO_VARINT_MAX,
};

/* The epoch whose modules the trace knows. */
extern HOT _Atomic uint32_t shim_told_epoch;

/*
 * Stamps the event; makes its stack (of `here`, NULL: it has none) the chunk's
 * current one; leaves room for a record whose fields take `room` bytes besides
 * some 60. False: recording has stopped.
 */
bool writer_begin(struct writer *w, struct thread *t,
                  const struct stack_here *here, size_t room);

/* The rest of it where anything is not as usual: w->stamp is there, and the
   stack is captured already, which was that change; NULL: there is none. */
bool writer_begin_rarely(struct writer *w, struct thread *t,
                         const struct stack_change *change, size_t room);

/* The frames of a change, where they are few and the chunk knows the others. */
void writer_put_stack(struct thread *t, uint32_t pops, uint32_t pushes);

/* The same for those that have none, or always one. *w stays in registers. */
static inline bool writer_begin_bare(struct writer *w, struct thread *t,
                                     size_t room)
{
    /* Before it is asked whose chunk this is: see chunk.h. */
    *w = (struct writer){t, tick_stamp(t), 0};
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(chunk_has_room(t, WRITER_ROOM + room) &&
                             !t->is_unannounced && life_is_recording(),
                         1))
        return true;
    struct writer rest = *w;
    const bool is_begun = writer_begin_rarely(&rest, t, NULL, room);
    *w = rest;
    return is_begun;
}

/* Does the chunk know all but that change, and has it room? */
static inline bool writer_is_usual(const struct thread *t,
                                   const struct stack_change c, size_t room)
{
    return t->stack.epoch == t->epoch &&
           t->stack.epoch ==
               atomic_load_explicit(&shim_told_epoch, memory_order_relaxed) &&
           !t->is_stackless && !t->is_unannounced && !c.restart && c.cut == 0 &&
           chunk_has_room(t, WRITER_ROOM + room +
                                 (size_t)c.pushes * WRITER_FRAME_ROOM) &&
           life_is_recording();
}

static inline __attribute__((always_inline)) bool writer_begin_stack(
    struct writer *w, struct thread *t, const struct stack_here *here,
    size_t room)
{
    if (__builtin_expect(config()->stacks == CONFIG_STACKS_NONE, 0))
        return writer_begin_bare(w, t, room);
    *w = (struct writer){t, tick_stamp(t), OURO_HAS_STACK};
    const struct stack_change change = stack_capture(&t->stack, here);
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(writer_is_usual(t, change, room), 1)) {
        if (change.pops + change.pushes > 0)
            writer_put_stack(t, change.pops, change.pushes);
        return true;
    }
    struct writer rest = *w;
    const struct stack_change untold = change; /* which stays in registers */
    const bool is_begun = writer_begin_rarely(&rest, t, &untold, room);
    *w = rest;
    return is_begun;
}

/* Kind and dt; where the fields begin. */
static inline unsigned char *writer_head(struct writer *w, int kind)
{
    struct thread *t = w->thread;
    unsigned char *at = t->at;
    *at++ = (unsigned char)(kind | w->has_stack);
    at = encode_unsigned(at, w->stamp - t->stamp);
    t->stamp = w->stamp;
    return at;
}

/* The same of a long record, whose fields take `len` bytes. */
static inline unsigned char *writer_long_head(struct writer *w, int kind,
                                              size_t len)
{
    struct thread *t = w->thread;
    const uint64_t dt = w->stamp - t->stamp;
    unsigned char *at = t->at;
    *at++ = (unsigned char)(kind | w->has_stack);
    at = encode_unsigned(at, encode_len(dt) + len);
    at = encode_unsigned(at, dt);
    t->stamp = w->stamp;
    return at;
}

static inline struct thread_string *writer_string_slot(const struct thread *t,
                                                       const char *s)
{
    const uint64_t i = (uintptr_t)s * 0x9e3779b97f4a7c15u >> 56;
    return (struct thread_string *)&t->strings[i & (THREAD_STRINGS - 1)];
}

/* Does the chunk have a number for it? For NULL always. */
static inline bool writer_knows(const struct thread *t, const char *s)
{
    const struct thread_string *slot = writer_string_slot(t, s);
    return !s || (slot->at == s && slot->tag == t->string_tag);
}

static inline unsigned char *writer_known_string(const struct thread *t,
                                                 unsigned char *at,
                                                 const char *s)
{
    return encode_unsigned(
        at, s ? (uint64_t)writer_string_slot(t, s)->number + 1 : 0);
}

/* A string's number, or the string itself where it has none yet; and the bytes
   that this will take. */
unsigned char *writer_string(struct thread *t, unsigned char *at,
                             const char *s);
size_t writer_string_room(const struct thread *t, const char *s);

/* The trace knows every module of now, if it is recorded. */
void writer_tell_modules(void);

/* In a forked child: its file knows of no module yet. */
void writer_forked(void);

#endif
