/* SPDX-License-Identifier: MIT */
/*
 * err.h - what went wrong: words for the user, a number for the shell
 *
 * Leaves return 0 or -1 and fill a struct err; commands turn it into one line
 * on stderr ("ouro: " and the text); main turns it into an exit code.
 */
#ifndef ANALYZER_ERR_H
#define ANALYZER_ERR_H

enum exit_code {
    RC_CLEAN = 0,  /* ran; nothing found, or not asked to judge */
    RC_FOUND = 1,  /* the gate found something */
    RC_USAGE = 2,  /* the command line made no sense, or names an output that
                      cannot be written */
    RC_TRACE = 3,  /* a trace is missing, foreign or damaged */
    RC_MEMORY = 4, /* we ran out of memory */
    RC_INDETERMINATE = 5, /* gate: nothing found, but the recording is cut */
};

struct err {
    enum exit_code code; /* err_set leaves RC_TRACE; set another after it */
    char text[512];
};

/* Fills e and returns -1, so that `return err_set(...)` is the whole idiom. */
__attribute__((format(printf, 2, 3))) int err_set(struct err *e,
                                                  const char *fmt, ...);

/* Prints "ouro: " and the text as one line to stderr; returns e->code. */
int err_say(const struct err *e);

/* Prints "ouro: note: ..." as one line to stderr; never changes an exit code.
 */
__attribute__((format(printf, 1, 2))) void err_note(const char *fmt, ...);

#endif
