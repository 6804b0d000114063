/* SPDX-License-Identifier: MIT */
/*
 * trace_names.h - the traces of a recording, by name
 *
 * A recording is a directory, or a packed one, which stands for it.
 */
#ifndef ANALYZER_TRACE_TRACE_NAMES_H
#define ANALYZER_TRACE_TRACE_NAMES_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct trace_names {
    uint32_t n, room;
    char **at; /* sorted */
};

/* A directory, or a packed recording? */
bool trace_names_are_in(const char *path);

/* 0, or -1 with e filled and nothing to release. There may be none. */
int trace_names_read(struct trace_names *n, const char *recording,
                     struct err *e);
void trace_names_release(struct trace_names *n);

#endif
