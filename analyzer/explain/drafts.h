/* SPDX-License-Identifier: MIT */
/*
 * drafts.h - drafts with one fingerprint become one finding, in final order
 */
#ifndef ANALYZER_EXPLAIN_DRAFTS_H
#define ANALYZER_EXPLAIN_DRAFTS_H

#include "explain/inquiry.h"

/* Sums over all drafts of the same id, all else from the smallest instance
   (fewest objects, then eldest); sorted by retained bytes descending, then id.
   Makes f->at in f->arena. */
void drafts_merge(struct inquiry *q, struct findings *f);

#endif
