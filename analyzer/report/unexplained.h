/* SPDX-License-Identifier: MIT */
/*
 * unexplained.h - counts that nothing explains, for which nothing can be said
 * yet: all of them in one line, and none of them a finding that counts
 */
#ifndef ANALYZER_REPORT_UNEXPLAINED_H
#define ANALYZER_REPORT_UNEXPLAINED_H

#include "report/text_out.h"

#include "explain/finding.h"

/* Is it such a finding? */
bool unexplained_is(const struct finding *f);

/* How many objects have such counts. */
uint64_t unexplained_objects(const struct findings *all);

/* "unbalanced  12 objects (Session) from 3 sites ..."; nothing where there are
   none. */
void unexplained_put(const struct text_out *o, const struct findings *all);

#endif
