/* SPDX-License-Identifier: MIT */
/*
 * why.h - everything that explains one object: each of its counts, who holds
 * it, what it holds, and the way to it from what is held from outside
 *
 *     rc = owned + rooted + acquired + taken + unknown
 *
 * Unknown is below zero where it is owned more often than counted. Lists are
 * told up to a bound, and say how many there are.
 */
#ifndef ANALYZER_EXPLAIN_WHY_H
#define ANALYZER_EXPLAIN_WHY_H

#include "explain/finding.h"
#include "explain/lifeline.h"

struct why_object {
    const char *type, *label;
    uint64_t addr;
};

/* A reference. */
struct why_link {
    bool is_root;
    struct why_object other; /* at its other end; of a root only addr: where a
                                root without a name stands */
    const char *field; /* as in struct finding_edge; a root's name, or "" */
    int64_t index;     /* -1: none */
    double time;
    struct places stack;
};

struct why_links {
    uint64_t n; /* all of them */
    uint32_t n_told;
    struct why_link *told;
};

/* A reference to what is dead. */
struct why_lost {
    struct why_object target;
    const char *field;
    int64_t index;
    double died;
};

/* Counts that were taken and not given back. */
struct why_taken {
    uint64_t count;
    bool named;      /* under a cookie: */
    uint64_t cookie; /* and then it is one, at this time */
    double time;
    bool certain;     /* else: more was taken there than given back */
    bool holder_dead; /* whoever took it is gone */
    struct places stack;
};

/* An object, and the field through which it holds the next. */
struct why_step {
    struct why_object object;
    const char *field; /* of the last step of a path: NULL */
    int64_t index;
    uint64_t left_out; /* steps behind this one that are not told */
};

struct why_way {
    uint32_t n;
    struct why_step *steps;
};

/* A finding that it is part of, or that retains it. */
struct why_source {
    char id[17];
    enum finding_kind kind;
    bool inside;        /* it is part of it */
    uint32_t instances; /* that lead to it */
};

struct why {
    const struct shadow *shadow;
    const struct object *object;
    struct why_object is;
    uint64_t bytes; /* its block and the blocks it owns */
    uint32_t blocks;
    double born;
    struct places born_at;

    int64_t owned, rooted, acquired, taken, unknown;
    struct why_links owners, roots, holds;
    uint64_t n_lost; /* references that it still has to what is dead */
    uint32_t n_lost_told;
    struct why_lost *lost;
    uint64_t n_named; /* counts under cookies; those told come first in: */
    uint32_t n_takers;
    struct why_taken *takers;
    uint64_t takers_left_out;

    bool out_of_balance; /* its counts alone make it a finding: */
    enum finding_kind balance_kind;
    char balance_id[17];

    enum anchor anchor; /* ANCHOR_NONE: nothing outside holds it */
    bool unreachable;   /* it is in the unreachable set */
    bool uncollectable; /* and no collector could free it: a finalizer */
    uint32_t n_sources; /* of garbage; of those that were looked at: */
    uint32_t n_sources_told;
    struct why_source *sources; /* each id once */
    uint32_t sources_left_out;
    struct why_way path;  /* from the anchor, else from a source */
    struct why_way cycle; /* that it is in, or that holds it: back to its first
                             step; n 0: none */

    uint64_t survived; /* collections */
    bool survived_known;
    const char *symbols_note;
    struct arena arena;
};

/* `most`: how many of a list are told; UINT32_MAX: all, and whole ways. 0, or
   -1 with e filled. */
int why_make(struct why *w, struct symbolizer *z, const struct shadow *s,
             struct trace *t, struct trace *parent, uint32_t object,
             uint32_t most, struct err *e);
void why_release(struct why *w);

#endif
