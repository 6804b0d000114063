/* SPDX-License-Identifier: MIT */
/*
 * text_parts.h - what the text of every kind of finding is made of
 */
#ifndef ANALYZER_REPORT_TEXT_PARTS_H
#define ANALYZER_REPORT_TEXT_PARTS_H

#include "report/text_caption.h"
#include "report/text_finding.h"

enum { TEXT_NAME = 48 };

/* The first line, as far as `figures`; returns the column where they end. */
int text_heading(const struct text_out *o, const struct finding *f,
                 const char *figures);
/* An addition behind the heading: on its line, or on one of its own. */
int text_extra(const struct text_out *o, int column, const char *words);
int text_times(const struct text_out *o, const struct finding *f, int column);
/* "definite reach", and the end of the line */
void text_reach(const struct text_out *o, const struct finding *f, int column);

/* "3 objects, 96 bytes; retains 41 objects, 12,310 bytes" */
void text_objects(struct text_line *l, const struct finding *f);
/* Session.window; a root's name where no member holds it */
void text_edge(struct text_line *l, const struct finding *f,
               const struct finding_edge *e);
/* "2 counts: 1 by a reference, 1 by an acquire with a name" */
void text_counts(struct text_line *l, const struct finding_member *m);

void text_types(const struct text_out *o, const struct finding *f);
/* Where nothing says who linked, at least who made it. */
void text_birth(const struct text_out *o, const struct finding *f);
/* A caption on a line of its own, and the stack below it. */
void text_captioned(const struct text_out *o, const char *caption,
                    struct places stack);

/* "a ring inside (9f02b7c1, 3 objects)", "2 rings inside (...)" */
void text_rings(struct text_line *l, const struct finding_ring *rings,
                uint32_t n);
/* What others hold too; the rings inside, where nothing else tells them. */
void text_shared(const struct text_out *o, const struct finding *f);

#endif
