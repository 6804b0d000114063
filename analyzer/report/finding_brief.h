/* SPDX-License-Identifier: MIT */
/*
 * finding_brief.h - a finding in one line, and on one screen, for the formats
 * that have a place for each; safe to show: text_out.h
 */
#ifndef ANALYZER_REPORT_FINDING_BRIEF_H
#define ANALYZER_REPORT_FINDING_BRIEF_H

#include "report/image.h"
#include "report/source_path.h"
#include "report/text_out.h"

/* "leak 3bdb7710" */
void finding_add_title(struct text_line *l, const struct finding *f);

/* "48 bytes in 3 blocks, retaining 96 bytes in 9", "3 objects, 96 bytes" */
void finding_add_size(struct text_line *l, const struct finding *f);

/* "leak of 48 bytes in 3 blocks by malloc, definitely lost, from add_line" */
void finding_add_headline(struct text_line *l, const struct finding *f);

/* What the text report shows of it, with files relative to the root where they
   are below it; the caller frees it. */
char *finding_screen(const struct source_root *root, const struct image *i,
                     const struct finding *f);

#endif
