/* SPDX-License-Identifier: MIT */
/*
 * recording.h - the directory that a run records into
 *
 * A name given with -o is exact: it must be absent or an empty directory of
 * ours. Without one it is ouro.out.ouro; a finished recording that has the name
 * goes to ouro.out.ouro.old (and the one before it away), one that is still
 * being written keeps it, and this run takes ouro.out.2.ouro, and so on.
 *
 * Whoever writes a recording holds a lock (flock) on its directory from before
 * it has its name until the end of the run: several runs that begin at once in
 * one directory never take the same one, and never move one that is in use.
 * Nothing that is not a recording is moved or removed.
 */
#ifndef ANALYZER_LAUNCH_RECORDING_H
#define ANALYZER_LAUNCH_RECORDING_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>

struct recording {
    char name[PATH_MAX]; /* as to be shown to the user */
    char path[PATH_MAX]; /* absolute */
    int lock;            /* the directory, locked; -1 */
    bool made;           /* by us: recording_abandon may remove it */
};

/* `name` NULL: the default. 0, or -1 with e filled (e->code RC_USAGE). Says so
   on stderr where another than the default name had to be taken. */
int recording_take(struct recording *r, const char *name, struct err *e);

/* Lets go of it; the files stay. */
void recording_release(struct recording *r);

/* The program could not be started: removes what was made. */
void recording_abandon(struct recording *r);

/* How many trace files it holds. */
int recording_count(const char *path);

#endif
