/* SPDX-License-Identifier: MIT */
/*
 * finding.h - one thing reported, and everything that is said about it
 *
 * Findings with the same id (fingerprint) are one finding: `instances` of it,
 * sums over all, members, edges and stacks of the smallest instance. Order:
 * retained bytes descending, then id. DESIGN 6 "JSON report" names the fields.
 */
#ifndef ANALYZER_EXPLAIN_FINDING_H
#define ANALYZER_EXPLAIN_FINDING_H

#include "arena.h"
#include "explain/gc_end.h"
#include "explain/pointing.h"
#include "explain/symbols.h"
#include "shadow/memory.h"
#include "shadow/shadow.h"

enum finding_kind {
    FINDING_CYCLE,
    FINDING_UNBALANCED,
    FINDING_OVER_RELEASE,
    FINDING_GHOST_EDGE,
    FINDING_LEAK,
    FINDING_MISUSE,
};

enum reach { REACH_DEFINITE, REACH_POSSIBLE, REACH_REACHABLE, REACH_UNKNOWN };

struct finding_member {
    uint32_t object; /* in shadow.objects */
    const char *type, *label;
    uint64_t addr, bytes; /* bytes: its block and the blocks it owns */
    /* refcount = owned + acquired + anonymous + unknown */
    int64_t refcount;
    int64_t owned;       /* by a reference that was announced, a root's too */
    int64_t acquired;    /* by somebody with a name (a cookie) */
    int64_t anonymous;   /* by nobody in particular: NEW, INCREF */
    int64_t unknown;     /* below zero: it is owned more often than counted */
    struct places stack; /* where it was born */
};

struct finding_edge {
    uint32_t from, to; /* indices into members */
    const char *field; /* "+16" where only the offset is known, "[]" for an
                          element of a block that the owner owns */
    uint64_t count;    /* how many such references */
    double time;       /* s, when it was linked (the newest of them) */
    struct places stack;
};

struct finding_type {
    const char *type;
    uint64_t count;
};

/* A count that was taken and not given back. */
struct finding_unreleased {
    uint64_t count;
    struct places stack; /* where it was taken; for a reference whose owner
                            died: where that was made */
    bool certain;        /* else: it is among the sites that took more than they
                            gave, and which of them did not give back is open */
    bool holder_dead;    /* whoever held it is gone */
};

/* Rings of one id. */
struct finding_ring {
    char id[17];
    uint64_t rings, objects;
};

/* A field to make weak. */
struct finding_weaken {
    const char *type, *field; /* without the numbers in its brackets */
    bool alone;     /* opens every instance; else all with `alone` false do,
                       together */
    uint64_t edges; /* in the cycles, all instances */
    uint64_t frees_objects, frees_blocks, frees_bytes; /* all instances */
    uint32_t n_stays;
    struct finding_ring *stays; /* rings inside that would not go, by id */
};

/* What is freed when this finding and all those are mended, and not before. */
struct finding_shared {
    uint32_t n_with;
    const char **with; /* ids of the others, ascending; none: several instances
                          of this one hold it */
    bool with_more;    /* there are others besides */
    uint64_t objects, blocks, bytes;
    uint32_t n_held;
    struct finding_ring *held; /* rings in it, by id */
};

/* One of several call stacks that are one finding: the same functions, other
   lines or another entry point. */
struct finding_place {
    const char *allocator;
    uint64_t blocks, bytes;
    struct places stack;
};

enum { FINDING_PLACES = 16, FINDING_POINTERS = 8 };

/* The same finding, of another reach: its blocks are in no other figure. */
struct finding_elsewhere {
    enum reach reach;
    uint64_t instances, blocks, bytes;
};

/* Instances that came about after a checkpoint, and before the next. */
struct finding_checkpoint {
    const char *name;
    uint32_t number; /* of the first with that name, from 1; 0: they came before
                        the first of all */
    uint64_t instances;
};

struct finding {
    char id[17]; /* 16 hex digits; text reports show the first 8 */
    enum finding_kind kind;
    const char *evidence; /* "counted", "scanned" or "recorded" */
    const char *what;     /* misuse: what; else a short noun phrase */
    const char *shape;    /* "single" or "ring" */
    enum reach reach;
    int generation;         /* the oldest of a member; -1: null */
    uint64_t uncollectable; /* cycle: of `members`, what a collector could not
                               free, because of a finalizer */
    uint64_t instances, objects, blocks, bytes;
    uint64_t retained_objects, retained_blocks, retained_bytes;
    uint64_t joint_objects; /* that several instances hold, and nobody else */
    uint32_t n_types;
    struct finding_type *types; /* most first, then by name */
    uint32_t n_members;
    struct finding_member *members;
    uint32_t n_edges;
    struct finding_edge *edges;
    uint32_t n_roots; /* over-release: as edges, from OURO_NONE */
    struct finding_edge *roots;
    uint64_t references_more; /* over-release: that edges and roots leave out */
    uint32_t n_witness;
    uint32_t *witness; /* edges, in order round the cycle: indices into edges */
    uint32_t closing_edge; /* index into edges, OURO_NONE */
    bool has_orphaned;
    double orphaned_time;
    const char *orphaned_by; /* "release" or "link", "" */
    struct places orphaned_stack;
    bool has_last_release; /* cycle: the newest decrement of a member */
    double last_release_time;
    struct places last_release_stack;
    uint32_t n_held; /* rings that it retains, by id: mended, it leaves them */
    struct finding_ring *held;
    uint32_t n_weaken; /* cycle: the closing edge's first */
    struct finding_weaken *weaken;
    uint32_t weaken_tried, weaken_fields; /* of those on the witness */
    uint32_t n_shared;                    /* most bytes first */
    struct finding_shared *shared;
    uint32_t shared_more;  /* others, that are not told */
    uint32_t n_unreleased; /* unbalanced; holders that are dead first */
    struct finding_unreleased *unreleased;
    uint32_t made_at; /* unbalanced: the first in `stack` that does not stand in
                         front of every stack that made such a type */
    uint32_t n_checkpoints;                 /* appearances.h; none set: 0 */
    struct finding_checkpoint *checkpoints; /* first come first */
    const char *allocator;                  /* entry point of a leak, "" else */
    uint32_t n_places;            /* leak: where there is more than one, all; */
    struct finding_place *places; /* FINDING_PLACES at most, most bytes first */
    uint32_t n_elsewhere; /* `reach` is the worst; figures are of that */
    struct finding_elsewhere elsewhere[3];
    uint32_t n_pointers; /* unbalanced: who may own it; leak of reach possible:
                            what may hold it. FINDING_POINTERS at most */
    struct pointer *pointers;
    uint64_t address;          /* leak: of the eldest of the smallest; else 0 */
    struct places stack;       /* leak: the site; misuse: the event */
    struct places birth_stack; /* misuse: of the object or block */
    const char *label;         /* misuse: of the dead object, "" */
    bool has_death;            /* misuse: it is known when the object died */
    double death_time;
    struct places death_stack; /* of what ended it, or of the last release */
};

struct findings {
    uint32_t n;
    struct finding *at;
    struct arena arena;
    bool lines_missing;        /* some module has no line information */
    bool fingerprints_fragile; /* some site had no symbols: id won't survive a
                                  rebuild */
    const char *symbols_note;
    uint32_t n_unreachable;           /* objects in U */
    const unsigned char *unreachable; /* by object: 1 in U */
    struct gc_end gc_end;
};

/* Everything found in one process image. Runs the collector, checks its
   certificate, symbolizes what it names, groups by fingerprint. `m`: what the
   last snapshot held, or NULL. `no_leaks`: the image ended by exec.
   `hides_kept`: kept_set_aside comes next. 0, or -1 with e filled. f may
   outlive the symbolizer. */
int findings_make(struct findings *f, struct symbolizer *z,
                  const struct shadow *s, struct trace *t, struct trace *parent,
                  const struct memory *m, bool no_leaks, bool hides_kept,
                  void (*progress)(uint64_t done, uint64_t total),
                  struct err *e);
void findings_release(struct findings *f);

#endif
