/* SPDX-License-Identifier: MIT */
/*
 * fates.h - the whole run once more, for what its counts came to
 *
 * Walks the trace again and follows every object that is not inherited: what
 * was taken and given back by type, what became of each count (takings.h),
 * which LINKs had no count to take, and what happened before an OURO_COUNT did
 * not match for the first time.
 */
#ifndef ANALYZER_EXPLAIN_FATES_H
#define ANALYZER_EXPLAIN_FATES_H

#include "explain/takings.h"
#include "shadow/shadow.h"

struct type_sums {
    uint32_t type; /* string */
    uint64_t created, leaves;
    uint64_t named;      /* counts that were taken by ACQUIRE */
    uint64_t given;      /* counts that were given back */
    uint64_t links;      /* LINK and ROOT to such an object */
    uint64_t died_early; /* objects, with a count above zero: */
    uint64_t left;       /* those counts */
    bool holds;          /* such an object was an owner */
};

enum { STORIES = 64, STORY_EVENTS = 12 };

/* Something announced about one object. */
struct told {
    uint64_t stamp;
    uint32_t stack;
    uint32_t field; /* links: string */
    uint8_t kind;   /* enum ouro_kind, as in struct moment */
    int64_t n;      /* change of the count; links: 0 */
    int64_t rc;     /* after it */
};

/* How a struct mismatch came to be. */
struct story {
    bool known;   /* the object's life was heard from its NEW on */
    bool matched; /* an earlier OURO_COUNT did: */
    uint64_t matched_stamp;
    uint32_t matched_stack;
    int64_t matched_count;
    bool closed;       /* the mismatch has come */
    uint64_t n_events; /* since the match, or NEW; the last of them: */
    struct told events[STORY_EVENTS]; /* a ring: number i is at i mod that */
    bool went_on;                     /* after the mismatch: */
    struct told after;
};

struct fates {
    uint32_t n_types, types_room;
    struct type_sums *types; /* in order of their first events */
    struct takings takings;
    struct groups surplus; /* LINKs without a count: by type of the target,
                              stack, field (other_stack) */
    uint32_t n_stories;    /* of the first mismatches */
    struct story *stories;
};

/* 0, or -1 with e filled; to be released anyway. */
int fates_find(struct fates *f, const struct shadow *s, struct trace *t,
               struct trace *parent, struct err *e);
void fates_release(struct fates *f);

#endif
