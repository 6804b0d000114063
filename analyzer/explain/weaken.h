/* SPDX-License-Identifier: MIT */
/*
 * weaken.h - which field to make weak, so that a cycle does not keep itself
 *
 * Tried are the fields on the witness, the closing edge's first, each with all
 * its references (weak_fall.h). Those that alone free every member of the
 * finding's cycles are offered. If none does, fields are added one by one: of
 * those on a shortest way round what is left, the one that frees most; then
 * what turns out not to be needed is dropped again.
 *
 * Each try costs as much as what the finding holds. Small findings get up to
 * MOST_TRIED, giant ones three or so: weaken_tried says how many it were.
 */
#ifndef ANALYZER_EXPLAIN_WEAKEN_H
#define ANALYZER_EXPLAIN_WEAKEN_H

#include "explain/inquiry.h"

/* `witness`: n links, in order round the cycle. */
void weaken_find(struct inquiry *q, const struct cycle_group *g,
                 const struct link *const *witness, uint32_t n,
                 struct finding *f);

#endif
