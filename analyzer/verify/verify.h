/* SPDX-License-Identifier: MIT */
/*
 * verify.h - is what was found in an image true? A second opinion
 *
 * Shares no code with the collector and none with what makes findings: it
 * counts and walks the shadow's objects and links themselves, not the graph
 * that was made of them. It must stay so: a mistake made in both places would
 * prove itself. What it believes is the shadow, that is, the replay.
 *
 *   the unreachable set   the certificate of ALGORITHMS 1: who is in it has as
 *                         many counts as references from the objects judged,
 *                         no survivor holds it, and every survivor is reached
 *                         from one whose counts and references differ
 *   each finding          its members' figures; its edges are there, all of
 *                         them; the way round is closed and a shortest one; its
 *                         members are one component that nobody else of the
 *                         unreachable set points at; what is retained with it,
 *                         cycles among that; its generation; what of it has a
 *                         finalizer to answer to; that the fields to make weak
 *                         open it, and what that frees
 *   all findings          no cycle, and no unbalanced object, is left out or
 *                         told twice
 *
 * Blocks of no object (leaks), what was misused, stacks, and what several
 * findings share are not looked at.
 */
#ifndef ANALYZER_VERIFY_VERIFY_H
#define ANALYZER_VERIFY_VERIFY_H

#include "explain/finding.h"

#include <stdbool.h>

enum { VERIFY_SENTENCE = 512 };

/* What was looked at. */
struct verified {
    uint32_t objects;     /* alive at the end */
    uint32_t edges;       /* references that objects hold */
    uint32_t unreachable; /* objects */
    uint32_t findings;    /* those that are about objects */
};

/* False: `why` is the first thing that does not hold, as a clause. */
bool verify_image(const struct shadow *s, const struct trace *t,
                  const struct findings *f, struct verified *looked_at,
                  char why[VERIFY_SENTENCE]);

#endif
