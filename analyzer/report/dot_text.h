/* SPDX-License-Identifier: MIT */
/*
 * dot_text.h - any text inside a quoted DOT label
 *
 * What a recording holds may be any bytes. Written by these it stays text: it
 * ends no quotes, is no escape of DOT's (\N, \l), becomes no HTML entity (DOT
 * decodes them; not every version's SVG writer encodes what comes out),
 * and is a character that XML allows. What cannot be shown is spelled out as
 * the text report does it: \x1b, \u202e.
 */
#ifndef ANALYZER_REPORT_DOT_TEXT_H
#define ANALYZER_REPORT_DOT_TEXT_H

#include <stdio.h>

/* A whole line or nothing: two pieces in one line might form an entity. */
void dot_text(FILE *to, const char *text);

/* The same and the end of the line: centred, or set to the left. */
void dot_line(FILE *to, const char *text);
void dot_left_line(FILE *to, const char *text);

#endif
