/* SPDX-License-Identifier: MIT */
/*
 * guest.h - where libouro.so is, and the environment that brings it along
 *
 * It is looked for beside this program (a build tree) and then in the install
 * prefix: ../lib/ouro/ and ../lib/. The loader splits LD_PRELOAD at blanks and
 * colons and expands dollars, so a path with one of these goes through a link
 * in a private directory, which guest_release removes.
 */
#ifndef ANALYZER_LAUNCH_GUEST_H
#define ANALYZER_LAUNCH_GUEST_H

#include "err.h"

#include <limits.h>

struct guest {
    char path[PATH_MAX]; /* as LD_PRELOAD names it */
    char link_dir[64];   /* "" none was needed */
};

/* 0, or -1 with e filled (e->code RC_USAGE). */
int guest_find(struct guest *g, struct err *e);

/* The same for a file known already. */
int guest_use(struct guest *g, const char *file, struct err *e);
void guest_release(struct guest *g);

/* Puts it first in this process's LD_PRELOAD; the user's entries stay. */
void guest_preload(const struct guest *g);

#endif
