/* SPDX-License-Identifier: MIT */
/*
 * finding_words.h - the words for kinds and reach, one place for all
 * formats
 */
#ifndef ANALYZER_REPORT_FINDING_WORDS_H
#define ANALYZER_REPORT_FINDING_WORDS_H

#include "explain/finding.h"

enum { N_FINDING_KINDS = FINDING_MISUSE + 1 };

const char *finding_kind_word(enum finding_kind kind);
const char *finding_reach_word(enum reach reach);
/* "definitely lost": of memory. */
const char *finding_lost_words(enum reach reach);
/* Who did it: the words of a misuse say what. "freed again by" */
const char *finding_doer_words(const char *what);

#endif
