/* SPDX-License-Identifier: MIT */
/*
 * why_parts.h - how one object is explained, in three steps
 *
 *   1. gather  what there is to tell, as numbers
 *   2. ask     which stacks must be named
 *   3. tell    with the names
 */
#ifndef ANALYZER_EXPLAIN_WHY_PARTS_H
#define ANALYZER_EXPLAIN_WHY_PARTS_H

#include "explain/acquires.h"
#include "explain/inquiry.h"
#include "explain/why.h"

struct why_parts {
    struct inquiry q;
    struct why *w;
    uint32_t object;
    uint32_t most;
    struct acquires named, unnamed;
    bool bereft; /* the holder of a count is dead, that was taken here: */
    uint32_t bereft_at;
    struct lifeline life;
    struct path cycle; /* as in struct witness: as many edges as objects */
};

/* why_counts.c */
int why_counts_gather(struct why_parts *p, struct trace *parent, struct err *e);
void why_counts_ask(struct why_parts *p);
void why_counts_tell(struct why_parts *p);

/* why_ways.c */
int why_ways_gather(struct why_parts *p, struct trace *parent, struct err *e);
void why_ways_ask(struct why_parts *p);
void why_ways_tell(struct why_parts *p);

/* why.c */
struct why_object why_object_of(const struct why_parts *p, uint32_t object);
const char *why_field(const struct why_parts *p, const struct link *k);

#endif
