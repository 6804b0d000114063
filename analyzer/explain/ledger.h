/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - who took, and who gave back, the counts of one object that carry
 * no name
 *
 * Nothing says which DECREF gives back which INCREF. What explains one another:
 *
 *   UNLINK, then a DECREF            the count that the reference had
 *   a LINK, and an INCREF near it    the count that became a reference
 *   a DECREF where the owner ends    the same, announced the other way round
 *   an INCREF and a DECREF in one    a function that takes and gives back
 *   call
 *
 * Two stacks are in one call if they differ only in their innermost frame, or
 * in their two innermost (the functions that count may be no macros).
 *
 * Different stacks beyond LEDGER_STACKS are not told apart: they become 0.
 */
#ifndef ANALYZER_EXPLAIN_LEDGER_H
#define ANALYZER_EXPLAIN_LEDGER_H

#include "trace/stacks.h"

#include <stdbool.h>
#include <stdint.h>

enum { LEDGER_STACKS = 64 };

enum entry_kind {
    ENTRY_BORN,     /* NEW's own */
    ENTRY_TOOK,     /* an INCREF */
    ENTRY_UNLINKED, /* had been a reference; the stack is the LINK's */
    ENTRY_BEREFT,   /* the same, whose owner died without giving it back */
    ENTRY_GAVE,     /* a DECREF, or a LINK */
};

struct entry {
    enum entry_kind kind;
    uint32_t stack;
    int64_t n; /* never below 0 */
};

/* All zero is an empty one. */
struct ledger {
    const struct stacks *stacks;
    struct entry *at;
    uint32_t n, room;
    bool gave_linked;        /* a DECREF took what had been a reference: */
    uint32_t gave_linked_at; /* the last that did */
};

void ledger_release(struct ledger *l);

void ledger_take(struct ledger *l, enum entry_kind kind, uint32_t stack,
                 int64_t n);
void ledger_give(struct ledger *l, uint32_t stack, int64_t n);
/* One count becomes a reference. */
void ledger_link(struct ledger *l, uint32_t stack);
/* A reference that was made at `stack` is no more. `died`: with its owner, and
   at `death` (0: not known where). */
void ledger_unlink(struct ledger *l, uint32_t stack, bool died, uint32_t death);

/* Takes out what explains one another, and with `is_last` what gives back NEW's
   count as it is known to do elsewhere. */
void ledger_settle(struct ledger *l,
                   bool (*is_last)(const void *to, uint32_t stack),
                   const void *to);

/* How many counts are in entries of that kind. */
int64_t ledger_sum(const struct ledger *l, enum entry_kind kind);

/* How many of the dead owners' counts nobody can have given back. After
   ledger_settle. */
int64_t ledger_bereft(const struct ledger *l);

#endif
