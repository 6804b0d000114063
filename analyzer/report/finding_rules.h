/* SPDX-License-Identifier: MIT */
/*
 * finding_rules.h - what each kind of finding means, and what to do about it,
 * for whoever meets one for the first time; the table is the same for every
 * recording
 */
#ifndef ANALYZER_REPORT_FINDING_RULES_H
#define ANALYZER_REPORT_FINDING_RULES_H

#include "explain/finding.h"

struct finding_rule {
    const char *id;    /* "misuse/double-free" */
    const char *name;  /* "DoubleFree" */
    const char *brief; /* one sentence */
    const char *help;  /* what it is, how it is known, how to mend it */
};

extern const struct finding_rule finding_rules[];
extern const uint32_t n_finding_rules;

/* Its index in the table. */
uint32_t finding_rule_of(const struct finding *f);

#endif
