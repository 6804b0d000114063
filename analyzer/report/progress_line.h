/* SPDX-License-Identifier: MIT */
/*
 * progress_line.h - one line on the terminal for what takes more than a second
 *
 * Written to stderr by a timer, so that no loop needs to know of it; only on a
 * terminal, and wiped before anything else is printed.
 */
#ifndef ANALYZER_REPORT_PROGRESS_LINE_H
#define ANALYZER_REPORT_PROGRESS_LINE_H

void progress_line_begin(void);
void progress_line_end(void);

/* What is being done now. Shown when the next second is over. */
__attribute__((format(printf, 1, 2))) void progress_line_say(const char *fmt,
                                                             ...);

/* Wipes the line: someone else is going to print. */
void progress_line_hide(void);

#endif
