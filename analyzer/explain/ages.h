/* SPDX-License-Identifier: MIT */
/*
 * ages.h - how old the survivors of a run are, in what they survived
 *
 * That is its collections; in a run without any its checkpoints; without those
 * either, 32 equal parts of its time. An age is how many of these came after a
 * thing did.
 *
 * What is in no generation (a plain block, a leaf) is in the one that a
 * container of its age would be in: it goes from generation g to k + 1 (2 at
 * most) with each collection of a generation k >= g; where checkpoints stand in
 * for collections, one further with each; in parts of time it stays in 0.
 */
#ifndef ANALYZER_EXPLAIN_AGES_H
#define ANALYZER_EXPLAIN_AGES_H

#include "arena.h"
#include "shadow/shadow.h"

enum ages_by { AGES_BY_COLLECTIONS, AGES_BY_CHECKPOINTS, AGES_BY_TIME };

enum { AGES_PARTS = 32 };

struct ages {
    enum ages_by by;
    uint32_t n;
    const uint64_t *end;             /* when each was, in order */
    const unsigned char *generation; /* at the end, of what came when i of them
                                        had been; n + 1 */
};

struct ages ages_find(struct arena *a, const struct shadow *s);

/* How many had been when it came. */
uint32_t ages_before(const struct ages *g, uint64_t stamp);

/* "collections", "checkpoints", "time". */
const char *ages_by_word(enum ages_by by);

#endif
