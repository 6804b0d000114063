/* SPDX-License-Identifier: MIT */
/*
 * tick.h - when has the clock to be read?
 *
 * To read it takes a third of an event's time. Where one thread alone has
 * events they follow each other as its chunks have them, so a stamp need only
 * say about when: one more than the last one will do, as long as nothing took
 * long since. That is seen by a word which the recorder changes every
 * OURO_TICK_MS in a file that all images of a recording map. While it has not
 * changed, and for TICK_EVENTS events at most, the clock stays unread.
 *
 * So a stamp is never late, and early by no more than a tick, or if the
 * recorder was stopped or killed, than TICK_EVENTS events take. Who needs the
 * time now reads tick_now(): what the thread records after it has a later
 * stamp.
 *
 * As soon as a second state is handed out (another thread, a signal handler in
 * the middle of a visit) each event reads the clock again, in all of them: what
 * a thread does after another one's event, it does knowing that.
 *
 * Invariant: a state's `unread` is 0, or its `tick` is not.
 */
#ifndef PRELOAD_TICK_H
#define PRELOAD_TICK_H

#include "clock.h"
#include "hot.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdint.h>

/* The recorder's word, or one that is always 0. */
extern HOT const _Atomic uint32_t *_Atomic shim_tick;

/* Maps the file, if somebody ticks there and the clock is one of 1 GHz or more:
   stamps that are counted never overtake it. Once, before anybody has a state.
 */
void tick_start(void);

/* A state is handed out. */
void tick_hand_out(struct thread *t);

/* In a forked child: nobody has a state. */
void tick_forked(void);

/* The clock as it is. */
uint64_t tick_now(void);

uint64_t tick_renew(struct thread *t, uint32_t tick);

/* The stamp of t's next record. */
static inline uint64_t tick_stamp(struct thread *t)
{
    const uint32_t tick = atomic_load_explicit(
        atomic_load_explicit(&shim_tick, memory_order_relaxed),
        memory_order_relaxed);
    if (__builtin_expect(t->unread > 0 && tick == t->tick, 1)) {
        t->unread--;
        return t->stamp + 1;
    }
    const uint64_t now = tick == 0 ? clock_stamp() : tick_renew(t, tick);
    return now > t->stamp ? now : t->stamp;
}

#endif
