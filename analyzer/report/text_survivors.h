/* SPDX-License-Identifier: MIT */
/*
 * text_survivors.h - who lives on, as a table for people
 *
 * Two lines a row: who, then how many in each generation, bytes, ages, growth.
 * The first rows, the most suspicious, with their whole stacks.
 */
#ifndef ANALYZER_REPORT_TEXT_SURVIVORS_H
#define ANALYZER_REPORT_TEXT_SURVIVORS_H

#include "report/image.h"
#include "report/text_out.h"

/* Of an image whose survivors were found; `all`: however many. */
void text_survivors(const struct text_out *o, const struct image *i, bool all);

/* The row that grew at each of the last checkpoints and looks most like a leak:
   a clause; false: there is none, or events are missing. */
bool text_survivors_rising(const struct image *i, struct text_line *l);

/* What the figures mean: said once, below. */
void text_survivors_legend(const struct text_out *o);

#endif
