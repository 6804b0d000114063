/* SPDX-License-Identifier: MIT */
/*
 * ticker.h - the word by which guests see that time has passed
 *
 * A guest that records one thread need not read the clock for each event as
 * long as this word has not changed: see OURO_TICK_NAME in ouro_trace.h. Where
 * it cannot be made, or nobody is left to change it, guests read the clock. A
 * recorder that is killed leaves it, in a place where none records again.
 */
#ifndef ANALYZER_LAUNCH_TICKER_H
#define ANALYZER_LAUNCH_TICKER_H

/* Makes the file in the recording at `path`: before a guest looks for it. One
   at a time. */
void ticker_make(const char *path);

/* Ticks from now on, on a thread of its own: when the program has been forked,
   since of several threads fork copies one. */
void ticker_start(void);

/* No more ticks, and the file is removed. */
void ticker_end(void);

#endif
