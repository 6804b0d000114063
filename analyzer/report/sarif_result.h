/* SPDX-License-Identifier: MIT */
/*
 * sarif_result.h - one finding as a SARIF result
 *
 * Lists are cut where GitHub would no longer show them; `properties` says how
 * many were left out.
 */
#ifndef ANALYZER_REPORT_SARIF_RESULT_H
#define ANALYZER_REPORT_SARIF_RESULT_H

#include "report/json_out.h"
#include "report/report.h"
#include "report/source_path.h"

#define SARIF_ROOT "%SRCROOT%"

void sarif_result(struct json_out *j, const struct source_root *root,
                  const struct image *i, const struct finding *f,
                  struct judged judged);

/* {"text": ...}: no link can be made of what is in it. */
void sarif_message(struct json_out *j, const char *key, const char *text);

#endif
