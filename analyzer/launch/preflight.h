/* SPDX-License-Identifier: MIT */
/*
 * preflight.h - can this command be recorded? Asked before anything is started
 *
 * A program that cannot take the guest would be run in vain, die (musl) or
 * complain (sanitizers). Each such case is one sentence: why, and what to do.
 */
#ifndef ANALYZER_LAUNCH_PREFLIGHT_H
#define ANALYZER_LAUNCH_PREFLIGHT_H

#include "err.h"

enum {
    PREFLIGHT_NOT_EXECUTABLE = 126,
    PREFLIGHT_NOT_FOUND = 127,
};

struct program {
    char path[4096]; /* what will be executed */
    char note[512];  /* it can be recorded, but; "" nothing to say */
};

/* Finds `name` as a shell would and looks at it, and at the interpreter of a
   script. 0: go on; else an exit code (126, 127 or RC_USAGE) with e filled. */
int preflight(const char *name, struct program *p, struct err *e);

#endif
