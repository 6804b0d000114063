/* SPDX-License-Identifier: MIT */
/*
 * cclog_compare.h - does ouro find the garbage that the log names?
 */
#ifndef ANALYZER_CCLOG_CCLOG_COMPARE_H
#define ANALYZER_CCLOG_CCLOG_COMPARE_H

#include "cclog/cclog.h"
#include "cclog/end_state.h"

enum { CCLOG_SHOWN = 4 };

struct cclog_difference {
    uint64_t n;
    uint64_t shown[CCLOG_SHOWN]; /* the lowest addresses */
};

struct cclog_comparison {
    uint32_t n_log, n_found; /* addresses, each counted once */
    struct cclog_difference only_log, only_found;
};

struct cclog_comparison cclog_compare(const struct cclog *c,
                                      const struct end_state *s);

/* "0x1, 0x2 and 3 more"; "" where there is none. */
void cclog_difference_words(const struct cclog_difference *d, char *text,
                            size_t room);

#endif
