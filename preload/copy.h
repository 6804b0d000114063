/* SPDX-License-Identifier: MIT */
/*
 * copy.h - a copy of the process that the process does not notice
 *
 * Its memory stands still, page by page as it was, while the process goes on.
 * It has one thread, blocked signals, no descriptor but the trace file's, and
 * goes when the thread that made it goes. No handler of fork runs, no signal
 * says that it ended, and no wait() of the host hears of it.
 */
#ifndef PRELOAD_COPY_H
#define PRELOAD_COPY_H

/* With signals blocked. Its pid; 0: this is the copy; negative: there is none.
 */
long copy_make(void);

/* In the copy. */
_Noreturn void copy_end(int status);

/* The status that it ended with; -1: it was killed. */
int copy_wait(long pid);

#endif
