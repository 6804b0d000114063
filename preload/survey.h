/* SPDX-License-Identifier: MIT */
/*
 * survey.h - which memory belongs into a snapshot
 *
 * What can be written, and anonymous memory that can be read; less what is the
 * guest's own and what is a device's: reading that may do something.
 */
#ifndef PRELOAD_SURVEY_H
#define PRELOAD_SURVEY_H

#include "mappings.h"
#include "ranges.h"

#include <stdbool.h>
#include <stdint.h>

struct survey {
    struct mappings mappings;
    struct mapping now;       /* the one that the pieces are of */
    const struct ranges *own; /* settled */
    uintptr_t at;             /* of now, what is told */
};

/* Adds all that is ours, as far as there is room: the library's data, what it
   mapped for good, its threads' states and their chunks. The pool that dlsym
   lived from is the host's. */
void survey_own(struct ranges *to);

/* False: it cannot be told what there is. Else close it. */
bool survey_open(struct survey *s, const struct ranges *own);
void survey_close(struct survey *s);

/* The next piece of a mapping (s->now), ascending. False: that was all. */
bool survey_next(struct survey *s, struct range *piece);

#endif
