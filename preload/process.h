/* SPDX-License-Identifier: MIT */
/*
 * process.h - what the trace says about the process itself
 */
#ifndef PRELOAD_PROCESS_H
#define PRELOAD_PROCESS_H

#include <stddef.h>

/* The program, its directory, its arguments: at most 8 KiB of them. */
void process_tell(void);

/* Memory comes or goes unseen (enum ouro_gap) in the library of that name. */
void process_gap(int what, const char *name);

/* A snapshot that was asked for from outside is about to be taken. */
void process_asked(const char *name);

/* A piece of what the program wants suppressed. */
void process_suppressions(const char *piece, size_t len);

/* It is about to fork, or has just forked, and somebody folds the file. */
void process_forks(void);

/* Exit handlers run; the process asked to end (enum ouro_end). */
void process_exiting(void);
void process_end(int how, int status);

#endif
