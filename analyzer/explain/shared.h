/* SPDX-License-Identifier: MIT */
/*
 * shared.h - what would be freed with findings: with one alone, or with several
 *
 * Holders are the findings whose objects are sources of the unreachable set:
 * cycles, and zombies. Whatever they reach has the set of those that reach it
 * (holder_sets.h), and is freed when all of them are mended, not before.
 *
 * One source retains what is freed with it alone; a finding with several
 * instances retains what each of them does, in sum. What several findings hold,
 * or several instances of one, they share.
 *
 * Beyond the unreachable set counts fall: a leaf, or what the collector does
 * not judge, follows as soon as its counts and its references are as many and
 * every owner has gone; its set is that of all its owners. An object with fewer
 * counts than references stays, as it does in the collector, and so does what
 * is never collected (object_is_excused), and a ring of what is not judged.
 *
 * Everything together costs O(n + m).
 */
#ifndef ANALYZER_EXPLAIN_SHARED_H
#define ANALYZER_EXPLAIN_SHARED_H

#include "explain/finding.h"
#include "explain/holder_sets.h"
#include "explain/weight.h"

struct inquiry;

/* Rings inside, of one id. */
struct held_ring {
    uint32_t set, kind;
    uint64_t rings, objects;
};

struct holders {
    char (*id)[17]; /* by holder, ascending */
    struct holder_sets sets;
    uint32_t *set;  /* by object: what it is freed with, or OURO_NONE */
    uint32_t *lone; /* by object: the one source that it is freed with, or
                       OURO_NONE */
    struct held *retained;  /* by holder */
    struct held *shared;    /* by set */
    uint32_t *first, *list; /* by holder h: what is freed with all its
                               instances, list[first[h]] up to
                               list[first[h + 1] - 1], ascending */
    uint32_t *ring_first;   /* by set: its rings, by id, in the same manner */
    uint32_t n_rings, rings_room;
    struct held_ring *ring;
    uint32_t *joint_first, *joint; /* by holder: the sets that it is in and
                                      that share something */
};

/* Needs drafts with their ids, sorted by them; tells each draft its holder. */
void holders_find(struct inquiry *q);
void holders_release(struct holders *h);

/* joint_first and joint, of what `sets` and `shared` say. In `a`. */
void holders_list_joint(struct holders *h, struct arena *a);

/* Everything of it that a finding says: retained_*, held_cycles, shared. */
void holders_describe(struct inquiry *q, struct holders *h, uint32_t holder,
                      struct finding *f);

#endif
