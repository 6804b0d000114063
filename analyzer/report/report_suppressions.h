/* SPDX-License-Identifier: MIT */
/*
 * report_suppressions.h - the format of --gen-suppressions: what to write into
 * a file so that nothing of this is told again
 *
 * With a judge: of what fails.
 */
#ifndef ANALYZER_REPORT_REPORT_SUPPRESSIONS_H
#define ANALYZER_REPORT_REPORT_SUPPRESSIONS_H

#include "report/report.h"

extern const struct report_format report_suppressions;

#endif
