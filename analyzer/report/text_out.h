/* SPDX-License-Identifier: MIT */
/*
 * text_out.h - pieces of the text report: fitted into columns, safe to print
 *
 * Whatever came out of a recording is shown so that it cannot move the cursor,
 * change colours, or look like other lines: control characters appear as \x1b
 * or \u202e, bytes that are no UTF-8 as U+FFFD. A column is one character.
 */
#ifndef ANALYZER_REPORT_TEXT_OUT_H
#define ANALYZER_REPORT_TEXT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_WIDTH = 80 };

/* Something to show, at most TEXT_WIDTH columns. */
struct text {
    int columns, len;
    char bytes[TEXT_WIDTH * 4 + 1];
};

/* In at most max columns; what is too long loses its end, or its beginning. */
struct text text_head(const char *s, int max);
struct text text_tail(const char *s, int max);

/* What fits of s comes behind t. */
void text_append(struct text *t, const char *s);

/* A function's name: first template arguments go, then parameters, then the
   namespaces in front. */
struct text text_function(const char *name, int max);

/* "12,310" */
struct text text_number(uint64_t n);

/* "12,310 bytes", "1 byte" */
struct text text_count(uint64_t n, const char *noun);

/* Text that grows up to a bound; what does not fit is left out. */
struct text_line {
    size_t len;
    char text[4096];
};

__attribute__((format(printf, 2, 3))) void text_add(struct text_line *l,
                                                    const char *fmt, ...);
/* Adds s, made safe. */
void text_add_safe(struct text_line *l, const char *s);

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_RED, TEXT_GREEN };

struct text_out {
    FILE *to;
    bool colour;
    unsigned brief; /* how much is left out, from 0 up to TEXT_BRIEFEST */
};

enum { TEXT_BRIEFEST = 5 };

/* On a terminal that can, unless NO_COLOR is set. */
bool text_wants_colour(FILE *to);

void text_put(const struct text_out *o, enum text_style style, const char *s);

/* Puts safe words, broken between words, each line after the first indented;
   `column` is where the first begins. Returns the column where they end; wrap
   ends the line too. */
int text_flow(const struct text_out *o, int column, int indent,
              const char *words);
void text_wrap(const struct text_out *o, int column, int indent,
               const char *words);

#endif
