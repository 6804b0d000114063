/* SPDX-License-Identifier: MIT */
/*
 * group.h - many things of one site, counted as one
 *
 * A recording may leave millions of blocks behind at a handful of call stacks,
 * so things are grouped by stack before any stack is given names. Groups stand
 * in the order in which they were met.
 */
#ifndef ANALYZER_EXPLAIN_GROUP_H
#define ANALYZER_EXPLAIN_GROUP_H

#include "explain/weight.h"
#include "shadow/table.h"

struct group {
    uint32_t stack, what, type, other_stack; /* the key */
    uint32_t next;                           /* with the same hash, + 1 */
    uint32_t eldest;                         /* the thing born first */
    uint64_t birth;                          /* when that was */
    uint64_t instances;
    uint32_t appeared; /* appearances.h */
    struct held own, held;
};

struct groups {
    uint32_t n, room;
    struct group *at;
    struct table of_key; /* hash of a key -> number of the first group + 1 */
    uint64_t seed;
};

void groups_init(struct groups *g);
void groups_release(struct groups *g);

/* The group of the key's four numbers; a new one is otherwise as in key, with
   no instances. Good until the next call. */
struct group *groups_find(struct groups *g, const struct group *key);

/* One thing more, which was born then. */
void group_add(struct group *g, uint32_t thing, uint64_t birth, struct held own,
               struct held held);

#endif
