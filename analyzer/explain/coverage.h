/* SPDX-License-Identifier: MIT */
/*
 * coverage.h - how much of a program's counts its announcements explain
 *
 * A count that was taken is explained if it became a reference (LINK, ROOT),
 * carries a name (ACQUIRE), or was given back nearby: by the call that took it,
 * or by one of those around that. One that is there at the end is explained if
 * a reference holds it, or a name.
 *
 * The function that gives back is the one that says DECREF; where all INCREFs
 * of a type come from one function, and all its DECREFs from another (get and
 * put), those only count, and the functions that call them are meant.
 */
#ifndef ANALYZER_EXPLAIN_COVERAGE_H
#define ANALYZER_EXPLAIN_COVERAGE_H

#include "arena.h"
#include "explain/fates.h"
#include "explain/symbols.h"

struct coverage_type {
    const char *type; /* "" where none was said */
    struct type_sums run;
    uint64_t taken; /* counts in the run: those with a name and these: */
    uint64_t linked, nearby; /* nearby: given back so */
    uint64_t open;           /* neither, and without a name */
    uint64_t excused;        /* of immortal and ignored objects */
    uint64_t live;           /* objects at the end, and their counts: */
    uint64_t counts, owned, acquired, anonymous;
    uint64_t missing;  /* references beyond the counts */
    bool holds_at_end; /* a live one is an owner */
};

/* Counts of a type that were taken at one line. */
struct coverage_site {
    const char *type;
    enum taken_by by;
    uint64_t taken;
    uint64_t linked, nearby;
    uint64_t elsewhere, died, held; /* open: given back elsewhere, left when the
                                       object died, left at the end */
    uint64_t open;
    bool never_given; /* the type is not, ever */
    uint32_t n_stacks;
    struct places stack; /* of the most open ones */
    uint32_t at;         /* in stack: the function that took them */
    struct places back;  /* where most of `elsewhere` were; n 0: not known */
    uint32_t back_at;
};

/* LINKs without a count to take. */
struct coverage_surplus {
    const char *type, *field; /* of the target */
    uint64_t n;
    struct places stack;
};

struct coverage_event {
    uint8_t kind; /* enum ouro_kind */
    const char *field;
    int64_t n, rc; /* change of the count, and what it came to */
    double time;
    struct places stack;
};

struct coverage_mismatch {
    const char *type;
    const struct mismatch *is;
    double time;
    struct places stack;
    bool known;   /* what was announced about the object before: */
    bool matched; /* an earlier OURO_COUNT did */
    int64_t matched_count;
    double matched_time;
    struct places matched_stack;
    uint64_t n_events; /* since then, or since its NEW; these are the last: */
    uint32_t n_told;
    struct coverage_event *told;
    bool went_on; /* after it: */
    struct coverage_event after;
};

struct coverage_oddity {
    const struct oddity *is;
    const char *text, *type;
    double time;
    struct places stack;
};

/* What is to be done next. */
enum todo_what {
    TODO_SITE,        /* announce what a function stores */
    TODO_SURPLUS,     /* a LINK without a count */
    TODO_MISMATCH,    /* an unannounced change */
    TODO_ODDITY,      /* an object that is not announced, and so on */
    TODO_DIED,        /* objects that die with counts left */
    TODO_LEFT,        /* counts at the end that no site above is told for */
    TODO_NEVER_GIVEN, /* a type that nobody gives up */
    TODO_NEVER_HOLDS, /* containers that hold nothing, all types of them */
};

struct todo {
    enum todo_what what;
    uint32_t index;  /* in types, sites, surplus, mismatches or oddities; 0 */
    uint64_t weight; /* counts or events that it would explain */
};

struct coverage {
    bool speaks; /* the protocol was used */
    const struct shadow_totals *totals;
    struct coverage_type all; /* the sum of: */
    uint32_t n_types;
    struct coverage_type *types; /* most that is not explained first */
    uint32_t n_sites;
    struct coverage_site *sites; /* with something open, most first */
    uint32_t n_surplus;
    struct coverage_surplus *surplus; /* most first */
    uint32_t n_mismatches;
    struct coverage_mismatch *mismatches; /* in order of time */
    uint64_t more_mismatches;             /* types that are not told */
    uint32_t n_oddities;
    struct coverage_oddity *oddities; /* by what, most first */
    uint32_t n_todo;
    struct todo *todo;
    const char *symbols_note;
    bool lines_missing;
    struct arena arena;
};

/* Of one process image that was replayed; s and t must outlive it. 0, or -1
   with e filled. */
int coverage_make(struct coverage *c, struct symbolizer *z,
                  const struct shadow *s, struct trace *t, struct trace *parent,
                  void (*progress)(uint64_t done, uint64_t total),
                  struct err *e);
void coverage_release(struct coverage *c);

/* Containers that never held a reference. */
bool coverage_never_holds(const struct coverage_type *t);
/* Objects, and none of their counts was ever given back. */
bool coverage_never_given(const struct coverage_type *t);
/* How many of `all` are explained where `open` are not, in percent, rounded
   down; none of none is 100. */
unsigned coverage_percent(uint64_t all, uint64_t open);

#endif
