/* SPDX-License-Identifier: MIT */
/*
 * text_pointers.h - who points at something, as a person reads it
 */
#ifndef ANALYZER_REPORT_TEXT_POINTERS_H
#define ANALYZER_REPORT_TEXT_POINTERS_H

#include "explain/pointing.h"
#include "report/text_out.h"

/* "block" or "data", JSON's "place" */
const char *pointer_place_word(const struct pointer *p);

/* Session "main" at 0x5581aa02, offset 16; the stack of thread 1, in or near
   main */
void text_pointer(struct text_line *l, const struct pointer *p);

/* "pointed at  by ..." lines, `most` of n at most. */
void text_pointers(const struct text_out *o, const struct pointer *at,
                   uint32_t n, uint32_t most);

#endif
