/* SPDX-License-Identifier: MIT */
/*
 * dot_finding.h - the object graph of a finding as a picture, in DOT
 *
 * Boxes are members: type, label, bytes, address, and what the count is made
 * of. Arrows are references, with their field, and how many where more than
 * one. Thick and red is a shortest way round a cycle, thickest what closed it,
 * with its place. Notes say where things happened; what is retained besides is
 * one box. Where there are no references to draw, it is what is known: the
 * calls that made a block, the events of a misuse, who took a count, who holds
 * the object at the end. Of a leak, what memory says: what its block leads to,
 * by which word, and who may point there.
 *
 * The same finding gives the same bytes. No order follows an address.
 */
#ifndef ANALYZER_REPORT_DOT_FINDING_H
#define ANALYZER_REPORT_DOT_FINDING_H

#include "report/image.h"

#include <stdio.h>

enum { DOT_MOST_NODES = 100 };

/* `f` is one of i->findings; at most `most` objects are drawn, the others are
   counted in a node. */
void dot_finding(FILE *to, struct image *i, const struct finding *f,
                 uint32_t most);

#endif
