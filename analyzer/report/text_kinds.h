/* SPDX-License-Identifier: MIT */
/*
 * text_kinds.h - the text of one finding, kind by kind; text_finding.h fits it
 * into a screen
 */
#ifndef ANALYZER_REPORT_TEXT_KINDS_H
#define ANALYZER_REPORT_TEXT_KINDS_H

#include "report/text_finding.h"

void text_cycle(const struct text_out *o, const struct finding *f);
/* More counts than references, and it is known who took them. */
void text_unbalanced(const struct text_out *o, const struct finding *f);
/* Fewer counts than references; a reference that is gone. */
void text_over_release(const struct text_out *o, const struct finding *f);
/* A reference that memory does not show. */
void text_ghost(const struct text_out *o, const struct finding *f);

#endif
