/* SPDX-License-Identifier: MIT */
/*
 * policy.h - which findings fail the gate: --fail-on=KINDS
 *
 *     kinds := word { "," word }
 *     word  := KIND | KIND ":" REACH | "default" | "all"
 *
 * A KIND alone means it whatever its reach, but not what a root reaches, which
 * is not lost; `all` means every kind so. Words add up: "default,leak:unknown".
 */
#ifndef ANALYZER_GATE_POLICY_H
#define ANALYZER_GATE_POLICY_H

#include "err.h"
#include "explain/finding.h"

#include <stdbool.h>

enum {
    POLICY_KINDS = FINDING_MISUSE + 1,
    POLICY_REACHES = REACH_UNKNOWN + 1,
};

#define POLICY_DEFAULT                                                         \
    "cycle,leak:definite,over-release,misuse,unbalanced:definite"

struct policy {
    bool fails[POLICY_KINDS][POLICY_REACHES];
};

/* Adds what `kinds` says. 0, or -1 with e filled (RC_USAGE): which word of that
   option, and what was expected. */
int policy_read(struct policy *p, const char *kinds, const char *option,
                struct err *e);

static inline bool policy_covers(const struct policy *p, enum finding_kind kind,
                                 enum reach reach)
{
    return p->fails[kind][reach];
}

/* The kinds' words and the reaches', as an option or a file may name them;
   false: `text` is no such word. */
bool policy_kind(const char *text, size_t len, enum finding_kind *kind);
bool policy_reach(const char *text, size_t len, enum reach *reach);
/* "cycle, unbalanced, ...", for a sentence that says what was expected. */
const char *policy_kind_words(void);
const char *policy_reach_words(void);

#endif
