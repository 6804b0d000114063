/* SPDX-License-Identifier: MIT */
/*
 * finding_stacks.h - the call stacks of a finding, whatever its kind: what each
 * is, and which line to show where there is room for one
 */
#ifndef ANALYZER_REPORT_FINDING_STACKS_H
#define ANALYZER_REPORT_FINDING_STACKS_H

#include "explain/finding.h"

enum { FINDING_STACKS = 32, FINDING_FRAMES = 100 };

struct finding_stack {
    const char *caption; /* "closed by" */
    struct places stack; /* not empty */
};

struct finding_stacks {
    uint32_t n, left_out;
    struct finding_stack at[FINDING_STACKS];
};

/* The one that explains most first; each once, as what it is first. */
void finding_stacks_find(struct finding_stacks *s, const struct finding *f);

/* How many of a stack's frames are told: as far as main, and not above
   FINDING_FRAMES. */
uint32_t finding_frames(struct places stack);

/* The innermost place that has a line and is the user's own; NULL: none. */
const struct place *finding_spot_of(struct places stack);

/* That of the first of the finding's stacks that has one; NULL: none has. */
const struct place *finding_spot(const struct finding *f);

/* Some place of it, for a finding without a spot; NULL: it has no stack. */
const struct place *finding_any_place(const struct finding *f);

/* Did whoever wrote this file, or this library, not write the program? */
bool finding_place_is_system(const struct place *p);

#endif
