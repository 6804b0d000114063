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
#include "encode.h"
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
};

/*
 * Stamps the event; makes its stack (of `here`, NULL: it has none) the chunk's
 * current one; leaves room for a record whose fields take `room` bytes besides
 * some 60. False: recording has stopped.
 */
bool writer_begin(struct writer *w, struct thread *t,
                  const struct stack_here *here, size_t room);

/* The same without a stack. */
static inline bool writer_begin_bare(struct writer *w, struct thread *t,
                                     size_t room)
{
    /* Before it is asked whose chunk this is: see chunk.h. */
    *w = (struct writer){t, tick_stamp(t), 0};
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(!chunk_has_room(t, WRITER_ROOM + room) ||
                             t->is_unannounced || !life_is_recording(),
                         0))
        return writer_begin(w, t, NULL, room);
    return true;
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
