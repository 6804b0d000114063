/* SPDX-License-Identifier: MIT */
/*
 * recording_name.h - what -o says, with its percent signs filled in
 *
 *   %p        the process id of ouro itself, which a shell knows as $!
 *   %q{VAR}   the environment variable VAR
 *   %%        a percent sign
 *
 * as in Valgrind's file names; anything else behind a percent sign is wrong. A
 * variable's text stands for itself, percent signs and slashes too.
 */
#ifndef ANALYZER_LAUNCH_RECORDING_NAME_H
#define ANALYZER_LAUNCH_RECORDING_NAME_H

#include "err.h"

#include <limits.h>

/* 0, or -1 with e filled (RC_USAGE): which place of the pattern is wrong. */
int recording_name(const char *pattern, char name[PATH_MAX], struct err *e);

#endif
