/* SPDX-License-Identifier: MIT */
/*
 * unfinished.h - a file that has no name yet does not outlive a signal
 */
#ifndef ANALYZER_COMMANDS_UNFINISHED_H
#define ANALYZER_COMMANDS_UNFINISHED_H

/* mkostemp, O_CLOEXEC. From then on a signal that ends the tool (the
   keyboard's, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ) unlinks the file first; one
   that is ignored, or that someone else handles, stays so. One file at a time.
   -1: errno says why. */
int unfinished_make(char *template);

/* It was renamed or unlinked. */
void unfinished_end(void);

#endif
