/* SPDX-License-Identifier: MIT */
/*
 * hints.h - what the user could do so that findings are better known
 *
 * Only findings that are shown count: a stripped library that none of them
 * speaks of needs no advice.
 */
#ifndef ANALYZER_REPORT_HINTS_H
#define ANALYZER_REPORT_HINTS_H

#include "explain/finding.h"

struct hints {
    bool nameless; /* some place has no function's name */
    bool lineless; /* some place, not the system's, has no file and line */
};

/* Adds what the finding's stacks lack, up to main. */
void hints_add(struct hints *h, const struct finding *f);

/* Calls say() with each hint that these findings need. */
void hints_say(const struct hints *h, const struct findings *all,
               void (*say)(void *to, const char *clause), void *to);

#endif
