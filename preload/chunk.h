/* SPDX-License-Identifier: MIT */
/*
 * chunk.h - a thread's piece of the trace file
 *
 * A record never spans chunks: chunk_has_room first, for the worst that the
 * event can take, then the bytes, then chunk_commit, once an event. Nothing
 * written before a commit is read by anyone, so an event that does not come to
 * its end was never there.
 *
 * A signal handler that interrupts an event may fork, by a system call that
 * nobody hears of, and the event goes on in both processes, which share the
 * chunk. So an event asks chunk_is_ours() when all that it will write is known,
 * and from there on writes only its own bytes: a child that was forked later
 * writes what its parent writes, to the last bit, and moves the commit word
 * only from where its parent found it.
 */
#ifndef PRELOAD_CHUNK_H
#define PRELOAD_CHUNK_H

#include "life.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Goes on to another chunk, of `need` bytes at least, whose first stamp is
   `stamp`. False: recording has stopped. */
bool chunk_roll(struct thread *t, size_t need, uint64_t stamp);

static inline bool chunk_has_room(const struct thread *t, size_t need)
{
    return t->chunk && (size_t)(t->limit - t->at) >= need;
}

/* The event is lost; counted in a child that has not begun. False. */
bool chunk_refuse(void);

static inline bool chunk_is_ours(void)
{
    return __builtin_expect(life_is_recording(), 1) || chunk_refuse();
}

/* The commit word, in one instruction that a handler cannot divide. No other
   processor writes it, so that needs no lock. */
static inline void chunk_move_on(uint64_t *word, uint64_t from, uint64_t to)
{
#if defined(__x86_64__)
    __asm__ volatile("cmpxchg %2, %0"
                     : "+m"(*word), "+a"(from)
                     : "r"(to)
                     : "memory", "cc");
#else
    __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_RELEASE,
                                __ATOMIC_RELAXED);
#endif
}

static inline void chunk_commit(struct thread *t)
{
    const unsigned char *first = (const unsigned char *)(t->chunk + 1);
    const uint64_t from = (uint64_t)(t->kept[t->newest].at - first);
    struct thread_kept *next = &t->kept[t->newest ^ 1];
    *next = (struct thread_kept){t->at, t->stamp, t->addr, t->n_strings};
    /* After the bytes: a reader that sees the count sees what it counts. */
    chunk_move_on(&t->chunk->committed, from, (uint64_t)(t->at - first));
    atomic_signal_fence(memory_order_seq_cst);
    t->newest ^= 1;
}

/* After an event that was left in the middle: the chunk goes on behind the last
   whole one, for a reader that knows no frames; or it is sealed, where a system
   that does not let us block signals left it half begun. */
void chunk_resume(struct thread *t);

/* The chunk is complete: checksum, and out of memory. */
void chunk_seal(struct thread *t);

/* Writes out what is only buffered; nothing where the file is mapped. From any
   thread, while t's own goes on. */
void chunk_flush(struct thread *t);

/* What the header says of stacks, modules and the newest time. */
void chunk_tell_header(uint64_t stamp, uint64_t ns);

/* Without a word in the file: in a forked child. */
void chunk_forget(struct thread *t);

/* In a forked child: nobody else is at work here. */
void chunk_forked(void);

#endif
