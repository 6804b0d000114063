/* SPDX-License-Identifier: MIT */
/*
 * output_file.h - what -o writes: whole or not at all
 *
 * A regular file is written beside its place and renamed into it, so that a
 * reader never sees half of it and an older one stays until the new one is
 * whole; a signal that ends the tool leaves nothing behind. Anything else that
 * is there already (a device, a pipe) is written as it is.
 */
#ifndef ANALYZER_COMMANDS_OUTPUT_FILE_H
#define ANALYZER_COMMANDS_OUTPUT_FILE_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct output_file {
    FILE *to;
    char path[PATH_MAX];
    char fresh[PATH_MAX]; /* "" where it is written in place */
    bool may_be_empty;    /* no bytes are an output too */
};

/* 0, or -1 with e filled (RC_USAGE) and nothing left behind. */
int output_file_open(struct output_file *o, const char *path, struct err *e);

/* Puts it in its place; an empty one is thrown away
   unless it may be. 0, or -1 with e filled. */
int output_file_close(struct output_file *o, struct err *e);

/* Throws it away, whatever was written. */
void output_file_drop(struct output_file *o);

#endif
