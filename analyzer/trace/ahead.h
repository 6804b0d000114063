/* SPDX-License-Identifier: MIT */
/*
 * ahead.h - a second thread that makes what this one uses, a few slots ahead
 *
 * Slots are filled by one thread and used by the other in the same order, so
 * what comes of it is what one thread alone would give. Whoever makes them may
 * touch nothing that is looked at where they are used. Memory is that of
 * AHEAD_SLOTS slots.
 *
 *     static int make(void *of, struct ahead *a)
 *     {
 *         for (void *slot = ahead_slot(a); slot; slot = ahead_put(a))
 *             ... fill it, or return ...
 *     }
 */
#ifndef ANALYZER_TRACE_AHEAD_H
#define ANALYZER_TRACE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>

enum { AHEAD_SLOTS = 8 };

struct ahead;

/* Its result becomes *made. */
typedef int ahead_make(void *of, struct ahead *a);
/* Not 0: no more is wanted. */
typedef int ahead_use(void *to, const void *slot);

/* By who makes: the slot to be filled first; the one at hand is full, and this
   is the next, or NULL: no more is wanted. */
void *ahead_slot(struct ahead *a);
void *ahead_put(struct ahead *a);

/* There is a processor for it. */
bool ahead_helps(void);

/* Makes and uses until all is used, or no more is wanted: *stop is what `use`
   returned last. False, and nothing has been done: no thread could be had. */
bool ahead_run(size_t slot_bytes, ahead_make *make, void *of, int *made,
               ahead_use *use, void *to, int *stop);

#endif
