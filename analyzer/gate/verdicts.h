/* SPDX-License-Identifier: MIT */
/*
 * verdicts.h - what was found against what is known, by fingerprint
 *
 *   new     nobody knows it
 *   grown   known, and more of it than is allowed
 *   known   no more than is allowed
 *   fixed   known, and not found any more
 *   unseen  the same, but data is missing: it may be there all the same
 *   apart   the policy does not speak of it, or it is suppressed
 *
 * A ring is known too where a finding that is known held it: when the outer one
 * is mended, the rings inside are left. So rings are counted together, those by
 * themselves and those that are held, and a ring that is held now is not fixed.
 * What holds them counts only where it is judged: else the baseline would not
 * have it either.
 *
 * Bytes say nothing of one that was held, at least in part, when the baseline
 * was written.
 */
#ifndef ANALYZER_GATE_VERDICTS_H
#define ANALYZER_GATE_VERDICTS_H

#include "gate/entries.h"
#include "gate/policy.h"
#include "suppress/suppressions.h"

enum standing {
    STANDS_NEW,
    STANDS_GROWN,
    STANDS_KNOWN,
    STANDS_FIXED,
    STANDS_UNSEEN,
    STANDS_APART,
};
enum { N_STANDINGS = STANDS_APART + 1 };

/* What may be added to an allowance: so many instances of the usual size, or so
   many percent. */
struct tolerance {
    uint64_t n;
    bool percent;
};

struct gated {
    enum standing is;
    const struct entry *now;    /* NULL: not found */
    const struct entry *before; /* NULL: in no baseline by itself */
    const char *held_by;        /* a finding known before held it; NULL: none */
    uint64_t allowed_instances, allowed_bytes; /* with the tolerance; the latter
                                                  UINT64_MAX: any number */
};

struct verdicts {
    uint32_t n;
    struct gated *at; /* by verdict, then most bytes, then id */
    uint32_t count[N_STANDINGS];
};

struct terms {
    struct tolerance tolerance;
    const struct policy *policy; /* whose findings, gone, are fixed */
    const struct suppressions *suppressions; /* what they took is not gone;
                                                may be NULL */
    bool complete; /* all that there was to find was looked at */
};

/* Both sorted. j->at is in the arena and points at their entries. */
void verdicts_find(struct verdicts *j, struct arena *a,
                   const struct entries *before, const struct entries *now,
                   const struct terms *terms);

/* "new" and so on. */
const char *standing_word(enum standing is);

/* "3" or "10%". */
bool tolerance_read(struct tolerance *t, const char *text);

#endif
