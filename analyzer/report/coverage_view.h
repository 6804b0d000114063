/* SPDX-License-Identifier: MIT */
/*
 * coverage_view.h - how much of an image's counts is explained, in words
 */
#ifndef ANALYZER_REPORT_COVERAGE_VIEW_H
#define ANALYZER_REPORT_COVERAGE_VIEW_H

#include "explain/coverage.h"
#include "report/image.h"
#include "report/text_out.h"

struct json_out;

struct coverage_view {
    const struct image *image;
    const struct coverage *c;
    bool all; /* text: not only the first ten of a sort */
};

/* The text for people, and one object of a JSON array. */
void coverage_text(const struct text_out *o, const struct coverage_view *v);
/* Where nothing was announced. */
void coverage_text_nothing(const struct text_out *o, int indent);
void coverage_json(struct json_out *j, const struct coverage_view *v);

/* The tables of types: coverage_table.c. */
void coverage_tables(const struct text_out *o, const struct coverage_view *v);
/* Is the i-th of a sort not shown? At their end: how many more there are, and
   `hidden` ones of which nothing else is known. */
bool coverage_is_left_out(const struct coverage_view *v, uint32_t i);
void coverage_put_rest(const struct text_out *o, const struct coverage_view *v,
                       uint64_t n, uint64_t hidden);

/* coverage_words.c: one thing to do, a sentence without its end. Safe to
   print. */
void coverage_todo_words(struct text_line *l, const struct coverage *c,
                         const struct todo *t);
/* "INCREFs about no announced object". */
void coverage_oddity_words(struct text_line *l, const struct oddity *k);
/* "list_push list.c:42". */
void coverage_place_words(struct text_line *l, struct places p, uint32_t at);
/* The types of which something is true, at most so many of them. */
void coverage_types_words(struct text_line *l, const struct coverage *c,
                          bool (*is)(const struct coverage_type *t),
                          uint32_t most);
/* "object" where no type was said. */
const char *coverage_type_word(const char *type);

#endif
