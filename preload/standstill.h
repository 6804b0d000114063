/* SPDX-License-Identifier: MIT */
/*
 * standstill.h - the other threads, made to stand still for a moment, and seen
 *
 * No signal and no ptrace. Who wants a standstill writes LIFE_PAUSE into the
 * word that every event looks at first (life.h). A thread that comes to an
 * event then says where it stands and what its registers hold, and waits until
 * the word is LIFE_ON again. Of one that is blocked in a system call the kernel
 * says where it stands (task.h); one that runs without events is waited for
 * until it has had some processor time of its own, so that a loaded machine
 * gives the same answer. What each thread was seen as is said: enum
 * ouro_snap_seen.
 *
 * Nobody waits for ever. Who stands still goes on after STANDSTILL_PATIENCE
 * even if the one who asked for it is gone; who asked gives up waiting long
 * before. A standstill takes no lock and waits for none: a thread that stands
 * may hold any (the loader's too), so between begin and end nothing may be
 * called that takes one.
 */
#ifndef PRELOAD_STANDSTILL_H
#define PRELOAD_STANDSTILL_H

#include "life.h"
#include "stack.h"
#include "thread.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STANDSTILL_PATIENCE = 5000, /* ms, while the process itself may run */
    STANDSTILL_TRY = 2000,      /* ms until what is not seen is not seen */
    STANDSTILL_RUN = 5,    /* ms of its own without an event: it only runs */
    STANDSTILL_BLIND = 50, /* ms, where its own time says nothing */
    STANDSTILL_MARGIN = 64 * 1024, /* bytes of stack below its last event that a
                                      thread may be using */
    STANDSTILL_REGISTERS = 32,
};

struct standstill_thread {
    uint32_t thread, os_thread;
    uint8_t seen;           /* enum ouro_snap_seen; never OURO_SNAP_TAKER */
    uintptr_t sp, sure, tp; /* 0: not known */
    uint32_t n_registers;
    uintptr_t registers[STANDSTILL_REGISTERS];
};

/*
 * The other threads, up to `room` of them, into `out`, and how many. They stand
 * still until standstill_end(), as far as they were seen to; this thread's
 * signals are blocked until then. *all_listed: there are no others.
 *
 * From any thread, inside a visit or outside; it need not be the only one that
 * asks: the second stands still for the first, then has its turn. Where there
 * is nothing to pause (recording is over) or no turn: 0, and !*all_listed.
 */
uint32_t standstill_begin(struct standstill_thread *out, uint32_t room,
                          bool *all_listed);
void standstill_end(void);

/* A visit has begun, in state t, with LIFE_PAUSE in the word: stands still
   until it is over, unless this thread is the one that asked. `subject` is the
   block that the host has in hand. */
void standstill_wait(struct thread *t, const void *subject);

/* In a forked child, at its first event. */
void standstill_forked(void);

#endif
