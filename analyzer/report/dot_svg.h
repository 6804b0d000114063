/* SPDX-License-Identifier: MIT */
/*
 * dot_svg.h - DOT becomes SVG, by graphviz's `dot` within a time limit
 *
 * dot is a child in a process group of its own: no shell and no file between
 * us, and when the time is over the whole group is killed. It dies with us,
 * too.
 */
#ifndef ANALYZER_REPORT_DOT_SVG_H
#define ANALYZER_REPORT_DOT_SVG_H

#include "err.h"

#include <stdint.h>
#include <stdio.h>

enum { DOT_SVG_SECONDS = 20 };

/* Writes all of it, or nothing: -1 with e filled (RC_USAGE), which says what
   to do about it. */
int dot_svg(FILE *to, const char *dot, size_t len, uint32_t seconds,
            struct err *e);

#endif
