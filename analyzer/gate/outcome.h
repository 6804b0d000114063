/* SPDX-License-Identifier: MIT */
/*
 * outcome.h - what the gate says in the end, and its exit code
 *
 * Found wins over damaged, damaged over incomplete: what is new is new,
 * whatever else could not be read. Nothing found in data that is not complete
 * is indeterminate, and never clean unless that was asked for.
 */
#ifndef ANALYZER_GATE_OUTCOME_H
#define ANALYZER_GATE_OUTCOME_H

#include "gate/gather.h"
#include "gate/verdicts.h"

/* Of everything found, known or not, whatever the policy says of it. */
struct limits {
    bool
        strict; /* what is fixed fails too, and suppressions that fit nothing */
    bool allow_incomplete;
    uint64_t max_findings, max_bytes; /* UINT64_MAX: any number */
};

struct outcome {
    enum verdict verdict;
    int code; /* RC_CLEAN, RC_FOUND, RC_TRACE, RC_INDETERMINATE */
    bool too_many, too_large; /* beyond the limits */
};

struct outcome outcome_of(const struct gathering *g, const struct verdicts *v,
                          const struct limits *l);

#endif
