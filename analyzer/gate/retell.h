/* SPDX-License-Identifier: MIT */
/*
 * retell.h - the gate's verdict in a format of reports
 *
 * Such a format is told findings image by image, and may ask of each what has
 * come of it (struct judge): so recordings are analysed once more, now that the
 * verdicts are known.
 */
#ifndef ANALYZER_GATE_RETELL_H
#define ANALYZER_GATE_RETELL_H

#include "gate/gate_view.h"
#include "report/report.h"

/* RC_CLEAN, or why not: that was said. */
int retell(const struct gate_view *w, const struct report_format *format);

#endif
