/* SPDX-License-Identifier: MIT */
/*
 * markdown_text.h - text from a recording inside of Markdown, as GitHub reads
 * it
 *
 * Names stand in code only: there nobody is mentioned (@name), no issue is
 * linked (#1), no picture is loaded and no HTML is taken for such.
 */
#ifndef ANALYZER_REPORT_MARKDOWN_TEXT_H
#define ANALYZER_REPORT_MARKDOWN_TEXT_H

#include <stdio.h>

/* A code span, in a table too; nothing where the text is empty. The text is one
   line that is safe to show (text_out.h). */
void markdown_code(FILE *to, const char *text);

/* <code>...</code> inside of an HTML block. */
void markdown_html_code(FILE *to, const char *text);

/* Lines between fences that none of them can close. */
void markdown_block(FILE *to, const char *lines);

#endif
