/* SPDX-License-Identifier: MIT */
/*
 * why_finding.h - the block that a finding's id means
 */
#ifndef ANALYZER_REPORT_WHY_FINDING_H
#define ANALYZER_REPORT_WHY_FINDING_H

#include <stdbool.h>
#include <stdint.h>

struct why_finding {
    uint32_t pid;
    uint64_t addr; /* of a block of the leak */
};

/* Looks for a leak whose id begins with `word`, of WHY_FINDING_DIGITS digits at
   least, in the images of that pid (0: all): the first that there is. False:
   there is none. Where something cannot be read nothing is said. */
enum { WHY_FINDING_DIGITS = 6 };
bool why_finding(const char *recording, const char *word, uint32_t pid,
                 struct why_finding *found);

#endif
