/* SPDX-License-Identifier: MIT */
/*
 * renewal.h - the baseline that --write-baseline leaves, and what changed
 *
 * What is judged and was found is allowed as it is now; what was found no more
 * goes. What was not judged, or may only not have been seen, stays as it was;
 * and so does a person's note.
 */
#ifndef ANALYZER_GATE_RENEWAL_H
#define ANALYZER_GATE_RENEWAL_H

#include "gate/verdicts.h"

enum change {
    CHANGE_ADDED,
    CHANGE_RAISED,  /* more instances or bytes are allowed */
    CHANGE_LOWERED, /* fewer of one, and not more of the other */
    CHANGE_DROPPED,
    CHANGE_NONE,
};
enum { N_CHANGES = CHANGE_NONE + 1 };

struct changed {
    enum change what;
    const struct entry *before, *after;
};

struct renewal {
    struct entries next; /* sorted; texts are those of the others */
    uint32_t n;
    struct changed *changed; /* each that was or is in it, by change, then id;
                                in next's arena */
    uint32_t count[N_CHANGES];
};

void renewal_make(struct renewal *r, const struct entries *before,
                  const struct entries *now, const struct verdicts *v);
void renewal_release(struct renewal *r);

/* "added" and so on. */
const char *change_word(enum change what);

#endif
