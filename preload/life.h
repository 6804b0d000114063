/* SPDX-License-Identifier: MIT */
/*
 * life.h - when recording begins and ends
 *
 * It begins at the first event or in the constructor, whichever comes first.
 * It begins again, in a file of its own, at the first event of a forked child.
 * It never ends by itself: events are recorded until the last instruction.
 * Words about the end only say what the process asked for.
 *
 * One page is zero after fork and is not after vfork (MADV_WIPEONFORK): it
 * holds the word that every event looks at first.
 */
#ifndef PRELOAD_LIFE_H
#define PRELOAD_LIFE_H

#include "hot.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum life_state {
    LIFE_UNKNOWN = 0, /* nothing happened yet, or this is a forked child */
    LIFE_ON = 1,
    LIFE_OFF = 2, /* for good */
    /* On, and who comes to an event stands still (standstill.h). A visit that
       has begun comes to its end. */
    LIFE_PAUSE = 3,
    LIFE_RECORDS = 1, /* a bit: it is one of those that record */
};

struct life {
    _Atomic uint32_t state; /* enum life_state */
};

extern HOT struct life *_Atomic shim_life;

static inline uint32_t life_state(void)
{
    const struct life *l =
        atomic_load_explicit(&shim_life, memory_order_relaxed);
    return atomic_load_explicit(&l->state, memory_order_relaxed);
}

/* What an event looks at first: may it go right on? */
static inline bool life_is_plain(void)
{
    return life_state() == LIFE_ON;
}

static inline bool life_is_recording(void)
{
    return life_state() & LIFE_RECORDS;
}

/* Has this process been one that records, or that does not? False in a forked
   child that has had no event yet: then what its memory says is its parent's.
 */
static inline bool life_is_known(void)
{
    return life_state() != LIFE_UNKNOWN;
}

/* Is this image being recorded now? False in a forked child that has had no
   event yet. */
bool life_is_on(void);

/* The process asked to end; `how` is an enum ouro_end. Records it, and writes
   out what is only buffered. Safe from any thread and more than once. */
void life_end(int how, int status);

/* Writes out what is only buffered, while it is recording. */
void life_flush(void);

/*
 * Makes this process one that records, if it should be: the first event of an
 * image or of a forked child. True: it is recording.
 */
bool life_wake(void);

/* An event is lost. It is counted in the header, or as soon as there is one. */
void life_lose(void);

/* Recording ends for good. */
void life_stop(void);

/* LIFE_ON becomes LIFE_PAUSE, and back; false: it was something else. Who waits
   for the word wakes up. */
bool life_pause(void);
bool life_resume(void);

/* Waits until the word is not LIFE_PAUSE any more, `ms` at most. */
void life_await(uint32_t ms);

/* Where the loader's code stands; none before recording begins. */
struct life_loader {
    uintptr_t start, len;
};
extern HOT struct life_loader shim_loader;

static inline bool life_is_loader(uintptr_t ip)
{
    return ip - shim_loader.start < shim_loader.len;
}

#endif
