/* SPDX-License-Identifier: MIT */
/*
 * chunk.h - a thread's piece of the trace file
 *
 * A record never spans chunks: chunk_has_room first, for the worst that the
 * event can take, then the bytes, then chunk_commit, once an event. Nothing
 * written before a commit is read by anyone, so an event that does not come to
 * its end was never there.
 */
#ifndef PRELOAD_CHUNK_H
#define PRELOAD_CHUNK_H

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

static inline void chunk_commit(struct thread *t)
{
    /* After the bytes: a reader that sees the count sees what it counts. */
    __atomic_store_n(&t->chunk->committed,
                     (uint64_t)(t->at - (unsigned char *)(t->chunk + 1)),
                     __ATOMIC_RELEASE);
}

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
