/* SPDX-License-Identifier: MIT */
/*
 * checkpoints.h - the marks that the program set, and who was alive then
 *
 * OURO_CHECKPOINT and OURO_SNAPSHOT each set one. Of some (`first` and those in
 * `recent`) it can be said how many objects and plain blocks of each kind were
 * alive: those of the result that came before it, and `gone`: those that have
 * ended since, or are of another kind now.
 *
 * A kind is a type and a call stack; of plain blocks, in which no object lives,
 * which no object owns and in which no element of a pool lies, an entry point
 * and a call stack.
 */
#ifndef ANALYZER_SHADOW_CHECKPOINTS_H
#define ANALYZER_SHADOW_CHECKPOINTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CHECKPOINTS_KEPT = 1 << 16,
    CHECKPOINTS_RECENT = 16,
    WHAT_OBJECT = 0, /* of struct gone; or an entry point's number + 1; or */
    WHAT_ELEMENT = 255,
};

struct checkpoint {
    uint64_t stamp; /* never less than that of the one before it */
    uint32_t name;  /* string */
    bool snapshot;
};

struct tally {
    int64_t n, bytes;
};

/* May be below zero: what has become of this kind since. */
struct gone {
    uint32_t type;  /* string; 0 for plain blocks */
    uint32_t stack; /* where they came from */
    uint8_t what;
    struct tally first; /* alive at the first checkpoint, and not since */
    struct tally recent[CHECKPOINTS_RECENT];
    uint64_t until; /* how many checkpoints there were when `recent` was right:
                       what is younger is none */
};

struct checkpoints {
    uint64_t n_all;
    uint32_t n, room; /* CHECKPOINTS_KEPT at most: where there were more, */
    struct checkpoint *at; /* every step-th of them, from the first on */
    uint64_t step;
    uint64_t recent[CHECKPOINTS_RECENT]; /* stamp of number i, counting from 0:
                                            at i % CHECKPOINTS_RECENT */
    uint32_t n_gone, gone_room;
    struct gone *gone; /* in the order of their first ends */
};

/* The number of the oldest in `recent`. */
static inline uint64_t checkpoints_oldest(const struct checkpoints *c)
{
    return c->n_all > CHECKPOINTS_RECENT ? c->n_all - CHECKPOINTS_RECENT : 0;
}

/* The kind's tally at checkpoint number `i`, one of the recent ones. */
static inline struct tally gone_at(const struct gone *g, uint64_t i)
{
    static const struct tally none = {0, 0};
    return i < g->until ? g->recent[i % CHECKPOINTS_RECENT] : none;
}

void checkpoints_release(struct checkpoints *c);

/* Of some kind, how many were alive at the first checkpoint and at recent ones:
   by number % CHECKPOINTS_RECENT. All zero: none. */
struct marks {
    struct tally first, recent[CHECKPOINTS_RECENT];
};

/* Something of the result, which came then. */
void marks_add(struct marks *m, const struct checkpoints *c, uint64_t stamp,
               struct tally much);
void marks_add_gone(struct marks *m, const struct checkpoints *c,
                    const struct gone *g);

#endif
