/* SPDX-License-Identifier: MIT */
/*
 * plain_text.h - names of any bytes for formats that have no escapes
 *
 * What comes out is UTF-8 on one line that moves no cursor: control characters
 * stand as \x1b or \u202e, bytes that are no UTF-8 as U+FFFD.
 */
#ifndef ANALYZER_REPORT_PLAIN_TEXT_H
#define ANALYZER_REPORT_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { PLAIN_PIECE = 16 };

/* The character c as shown; returns its length, without a zero byte. */
unsigned plain_piece(char piece[PLAIN_PIECE], uint32_t c);

/* Memory for one text after the other; all zero is none. */
struct plain_text {
    char *at;
    size_t len, room;
};

/* The text made plain; good until the next call. Where `taken` stands in it,
   which means something to the format, `instead` stands. 0: nothing does. */
const char *plain_text(struct plain_text *p, const char *text, char taken,
                       char instead);
void plain_text_release(struct plain_text *p);

#endif
