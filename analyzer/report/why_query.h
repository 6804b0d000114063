/* SPDX-License-Identifier: MIT */
/*
 * why_query.h - one object of a recording, looked for by a word and explained
 *
 * All images are searched. Where one thing is meant it is explained; where
 * several are, they are listed, and what to type next; where none is alive,
 * what is dead is told.
 */
#ifndef ANALYZER_REPORT_WHY_QUERY_H
#define ANALYZER_REPORT_WHY_QUERY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct why_options {
    uint32_t pid; /* 0: all */
    bool all;     /* lists and ways whole */
    /* Which of n names was probably meant; NULL: none. */
    const char *(*nearest)(const char *word, const char *const *names, int n);
};

/* RC_CLEAN: something was meant; RC_USAGE: nothing was; RC_TRACE: not all of it
   could be read. What is wrong was said on stderr. */
int why_recording(const char *recording, const char *word,
                  const struct why_options *options, FILE *out);

#endif
