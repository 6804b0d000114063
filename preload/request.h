/* SPDX-License-Identifier: MIT */
/*
 * request.h - a snapshot that is asked for from outside (`ouro snapshot`)
 *
 * The tool adds 1 to header.snapshot, in the mapped first page of the trace;
 * each event looks at it, and the first that finds a number it does not know
 * takes the snapshot for all who asked: header.taken_up says so at once,
 * header.answered when it is there.
 *
 * A process that has no events is woken by a signal where the user wanted that
 * (OURO_SIGNAL), and the program has no handler of its own for it.
 */
#ifndef PRELOAD_REQUEST_H
#define PRELOAD_REQUEST_H

#include "file.h"
#include "hot.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The last number that this process knows of. */
extern HOT _Atomic uint32_t shim_request;

/* While recording: is there one that nobody has taken up? */
static inline bool request_is_pending(void)
{
    return __atomic_load_n(&shim_header->snapshot, __ATOMIC_RELAXED) !=
           atomic_load_explicit(&shim_request, memory_order_relaxed);
}

/* Outside any visit, at an event: `subject` as in scope_enter().
   Nothing where another thread has taken it up. */
void request_answer(const void *subject);

/* The constructor's part: the signal. */
void request_start(void);

/* In a forked child, before it has a header of its own. */
void request_forked(void);

#endif
