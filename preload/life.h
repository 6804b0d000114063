/* SPDX-License-Identifier: MIT */
/*
 * life.h - when recording begins and ends
 *
 * It begins at the first event or in the constructor, whichever comes first.
 * It begins again, in a file of its own, at the first event of a forked child.
 * It never ends by itself: events are recorded until the last instruction.
 * Words about the end only say what the process asked for.
 */
#ifndef PRELOAD_LIFE_H
#define PRELOAD_LIFE_H

#include <stdbool.h>

/* Is this image being recorded now? False in a forked child that has had no
   event yet. */
bool life_is_on(void);

/* The process asked to end; `how` is an enum ouro_end. Records it, and writes
   out what is only buffered. Safe from any thread and more than once. */
void life_end(int how, int status);

/*
 * Makes this process one that records, if it should be: the first event of an
 * image or of a forked child. True: it is recording.
 */
bool life_wake(void);

#endif
