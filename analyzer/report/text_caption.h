/* SPDX-License-Identifier: MIT */
/*
 * text_caption.h - "closed by  window.children, linked 0.412 s", and what such
 * lines are made of
 */
#ifndef ANALYZER_REPORT_TEXT_CAPTION_H
#define ANALYZER_REPORT_TEXT_CAPTION_H

#include "report/text_out.h"

enum {
    CAPTION_INDENT = 4,
    CAPTION_VALUE = 15, /* where what follows the caption begins */
    CAPTION_DEEPER = 17 /* and what stands below that */
};

/* The caption, and behind it words that are safe, wrapped. */
void text_caption(const struct text_out *o, const char *caption,
                  const char *words);

/* person "ada"; "object" where there is no type. */
void text_add_named(struct text_line *l, const char *type, const char *label);
/* ".window", "+8", "[]"; an index that is not known is below 0. */
void text_add_field(struct text_line *l, const char *field, int64_t index);
/* "    note: ..."; `to` is a const struct text_out. */
void text_note(void *to, const char *clause);

#endif
