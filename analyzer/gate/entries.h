/* SPDX-License-Identifier: MIT */
/*
 * entries.h - findings of many recordings, or of a baseline: one a fingerprint
 *
 * Figures are sums over all instances in all process images. What an entry
 * holds (rings that its findings retain, alone or with others) is told by id:
 * mended, a finding leaves them, and then they are findings of their own.
 *
 * Invariants, once entries_sort was called (entries_are_valid):
 *   at[] ascends by id, without repeats, and each id is 16 hex digits;
 *   rings[] ascends by (holder, id), without repeats, and each holder is an
 *   entry's id.
 */
#ifndef ANALYZER_GATE_ENTRIES_H
#define ANALYZER_GATE_ENTRIES_H

#include "explain/finding.h"
#include "shadow/table.h"

#include <stdio.h>

enum { ENTRY_NAMES = 8 }; /* of types, and of functions, that are kept */

/* Where a finding was met: in one process image. */
struct source {
    uint32_t recording; /* in the order in which they were named */
    uint32_t image;     /* of the recording, in its order */
    const char *process;
    uint32_t pid;
    uint64_t instances, bytes;
    uint32_t n_checkpoints;
    const struct finding_checkpoint *checkpoints;
};

/* A piece of a file that was put aside. */
struct piece {
    long at, len;
};

struct entry {
    char id[17];
    enum finding_kind kind;
    enum reach reach; /* the most certain of them */
    uint32_t n_types; /* ENTRY_NAMES at most, from recordings */
    const char **types;
    uint32_t n_stack; /* functions, innermost first; no lines, no offsets */
    const char **stack;
    uint64_t instances, bytes;
    const char *note; /* a person's, in a baseline; NULL: none */
    bool judged;      /* from recordings: some of it fails, if it is new */
    uint32_t n_sources, sources_room; /* from recordings */
    struct source *sources;
    struct piece told; /* from recordings: as the report tells it */
};

struct entry_ring {
    char holder[17], id[17];
    uint64_t rings;
};

struct entries {
    struct arena arena;
    uint32_t n, room;
    struct entry *at;
    uint32_t n_rings, rings_room;
    struct entry_ring *rings;
    struct table of_id; /* the index in at[], + 1; until they are sorted */
};

void entries_release(struct entries *e);

/* 16 hex digits, in small letters? */
bool entry_is_id(const char *text);

/* What a baseline allows of a finding, and counts. Of a leak, what is lost for
   certain, perhaps, or as far as anybody knows: a stale word may move a block
   from one to the other. Bytes are those that it retains and those that it
   shares, so that one finding does not grow when another is mended. */
uint64_t entry_instances(const struct finding *f);
uint64_t entry_bytes(const struct finding *f);

/* The entry of that id; a new one has no figures yet. *made (which may be NULL)
   says whether it is new. Good until the next call. */
struct entry *entries_find(struct entries *e, const char *id, bool *made);

/* Adds a finding's figures and what it holds; a new entry learns its types and
   functions. */
struct entry *entries_add(struct entries *e, const struct finding *f,
                          bool *made);

/* An entry holds so many rings (more) of that id. */
void entries_hold(struct entries *e, const char *holder, const char *id,
                  uint64_t rings);

void entries_sort(struct entries *e);
bool entries_are_valid(const struct entries *e);

/* Of entry k, once sorted: its first ring, and how many. */
const struct entry_ring *entries_rings(const struct entries *e, uint32_t k,
                                       uint32_t *n);

#endif
