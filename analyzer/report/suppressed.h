/* SPDX-License-Identifier: MIT */
/*
 * suppressed.h - what suppressions left out, told behind the findings
 *
 * NULL is none. What fits nothing is told of files only: a program says once
 * what all its runs may need.
 */
#ifndef ANALYZER_REPORT_SUPPRESSED_H
#define ANALYZER_REPORT_SUPPRESSED_H

#include "report/json_out.h"
#include "report/text_out.h"
#include "suppress/suppressions.h"

/* A line for each that fitted, or fits nothing; the first of them unless `all`.
   Nothing where there is neither. */
void suppressed_text(const struct text_out *o, const struct suppressions *s,
                     bool all);

/* "suppressed", an array: one value for each suppression. */
void suppressed_json(struct json_out *j, const struct suppressions *s);

/* How many of files fit nothing. */
uint32_t suppressed_unused(const struct suppressions *s);

#endif
