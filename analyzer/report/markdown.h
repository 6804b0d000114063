/* SPDX-License-Identifier: MIT */
/*
 * markdown.h - a report as Markdown for GitHub: the verdict, a table, and the
 * findings to unfold
 *
 * It is gathered first, as the verdict comes first and what fails before what
 * does not; more than fits is only counted, and said in the last line.
 */
#ifndef ANALYZER_REPORT_MARKDOWN_H
#define ANALYZER_REPORT_MARKDOWN_H

#include "report/report.h"

enum {
    MARKDOWN_LEAST = 32768,
    MARKDOWN_COMMENT = 65536,   /* what a comment holds */
    MARKDOWN_SUMMARY = 1 << 20, /* and a step's summary */
};

struct markdown;

/* To be written in less than `most` bytes, MARKDOWN_LEAST at least. */
struct markdown *markdown_begin(const struct report *r, size_t most);
void markdown_image(struct markdown *m, const struct image *i);
void markdown_finding(struct markdown *m, const struct report *r,
                      const struct image *i, const struct finding *f);
void markdown_write(const struct markdown *m, const struct report *r, FILE *to);
void markdown_end(struct markdown *m); /* frees it; NULL is none */

#endif
