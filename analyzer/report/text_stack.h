/* SPDX-License-Identifier: MIT */
/*
 * text_stack.h - a call stack as lines: function, then file and line, aligned
 *
 * What called main is left out; of a long stack the middle.
 */
#ifndef ANALYZER_REPORT_TEXT_STACK_H
#define ANALYZER_REPORT_TEXT_STACK_H

#include "explain/symbols.h"
#include "report/text_out.h"

/* How many of the places are shown, the middle too. */
uint32_t text_stack_shown(struct places p);

void text_stack(const struct text_out *o, int indent, struct places p);

/* One place by itself: "main  app.c:120". */
struct text text_place(const struct place *p, int max);

#endif
