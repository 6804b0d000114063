/* SPDX-License-Identifier: MIT */
/*
 * text_finding.h - one finding as a person reads it: at most a screen
 */
#ifndef ANALYZER_REPORT_TEXT_FINDING_H
#define ANALYZER_REPORT_TEXT_FINDING_H

#include "explain/finding.h"
#include "report/text_out.h"

/* `doubt`: what to say of a leak instead of its reach; NULL: nothing. */
void text_finding(const struct text_out *o, const struct finding *f,
                  const char *doubt);

/* Session "main" */
void text_member(struct text_line *l, const struct finding_member *m);
/* "0.412 s" */
void text_seconds(struct text_line *l, double seconds);

#endif
