/* SPDX-License-Identifier: MIT */
/*
 * reach_shown.h - which findings are shown, by what memory says of them
 *
 * What can still be reached is no finding for most people, and there is much of
 * it. Leaks, and what is unbalanced, of a reach that is not shown are only
 * counted.
 */
#ifndef ANALYZER_REPORT_REACH_SHOWN_H
#define ANALYZER_REPORT_REACH_SHOWN_H

#include "explain/finding.h"

/* Sets of enum reach: bit by bit. */
enum {
    REACH_SHOWN_USUALLY =
        1 << REACH_DEFINITE | 1 << REACH_POSSIBLE | 1 << REACH_UNKNOWN,
    REACH_SHOWN_ALL = REACH_SHOWN_USUALLY | 1 << REACH_REACHABLE,
};

#define REACH_SHOWN_HELP                                                       \
    "leaks, and what is unbalanced, of these reaches:\n"                       \
    "definite, possible, unknown, reachable, all, with\n"                      \
    "commas between (default: all but reachable)"

#define REACH_SHOWN_WRONG                                                      \
    "--show=%s: definite, possible, unknown, reachable or all, with commas "   \
    "between"

/* "definite,possible"; *set is what it says. False: no such word. */
bool reach_shown_parse(const char *words, unsigned *set);

/* What was found and is not shown. */
struct reach_hidden {
    struct {
        uint64_t instances, blocks, bytes;
    } of[4]; /* by enum reach */
};

/* Takes what is not in the set out of f; the order of the others stays. What
   stays tells of other blocks of its site that are hidden: they are counted
   too. */
struct reach_hidden reach_hide(struct findings *f, unsigned set);

#endif
