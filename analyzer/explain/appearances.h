/* SPDX-License-Identifier: MIT */
/*
 * appearances.h - after which checkpoints the instances of a finding came about
 *
 * A program that sets a checkpoint before each of its tests is told by them
 * which test left something behind. An object or a block came about when it was
 * made; a cycle when its newest member was, or when it was closed; a misuse
 * when it happened. Checkpoints of one name are one, at the first of them.
 * OURO_SNAPSHOT sets none here.
 *
 * Instances are counted while they are grouped, before anything has a name:
 * many in a row that came after one checkpoint are one count. Where there were
 * more checkpoints than are kept (checkpoints.h) nothing is told.
 */
#ifndef ANALYZER_EXPLAIN_APPEARANCES_H
#define ANALYZER_EXPLAIN_APPEARANCES_H

#include <stdint.h>

struct draft;
struct finding;
struct inquiry;

struct appearance {
    uint32_t checkpoint; /* in appearances.named, + 1; 0: before the first */
    uint32_t next;       /* of the same group, + 1; 0: none */
    uint64_t instances;
};

struct appearances {
    uint32_t n_named;
    uint32_t *named; /* in shadow.checkpoints: those that count here */
    uint32_t n, room;
    struct appearance *at;
};

void appearances_begin(struct inquiry *q);
void appearances_release(struct inquiry *q);

/* One instance more, then, of the group that keeps *newest (0 at first). */
void appearances_note(struct inquiry *q, uint32_t *newest, uint64_t stamp);

/* Of n drafts that are one finding. */
void appearances_describe(struct inquiry *q, const struct draft *drafts,
                          uint32_t n, struct finding *f);

#endif
