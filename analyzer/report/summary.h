/* SPDX-License-Identifier: MIT */
/*
 * summary.h - what a process image did, in figures, one table for all formats
 */
#ifndef ANALYZER_REPORT_SUMMARY_H
#define ANALYZER_REPORT_SUMMARY_H

#include "report/image.h"

enum { SUMMARY_FIGURES = 30 };

struct summary_figure {
    const char *key; /* as the JSON report calls it */
    uint64_t n;
};

void summary_of(const struct image *i,
                struct summary_figure figures[SUMMARY_FIGURES]);

#endif
