/* SPDX-License-Identifier: MIT */
/*
 * shadow.h - the shadow object graph: what was alive at the end of the events
 *
 * The first pass over a trace (shadow_build) keeps live blocks, objects, counts
 * and edges; memory follows what is alive at one time, not the events. Its
 * result is dense and read-only. The second pass (history.h) walks the same
 * events again and keeps what happened to the few objects that findings name.
 *
 * An object is (address, birth): `birth` is the ordinal of its NEW event among
 * the trace's NEW events, and is the same in both passes.
 *
 * Invariants (shadow_is_valid checks them):
 *   blocks are sorted by (address, birth), objects by birth, edges by owner;
 *   every edge's owner (or OURO_NONE: a root) and target are < n_objects;
 *   every owned block names an object; rc is NEW's count plus all changes.
 */
#ifndef ANALYZER_SHADOW_SHADOW_H
#define ANALYZER_SHADOW_SHADOW_H

#include "shadow/caught.h"
#include "shadow/checkpoints.h"
#include "shadow/gc.h"
#include "trace/trace.h"

#include <stdbool.h>
#include <stdint.h>

#define OURO_NONE UINT32_MAX

struct block {
    uint64_t addr, size; /* size as requested */
    uint64_t stamp;      /* when it came; a realloc keeps it */
    uint32_t stack;      /* of the call that made it or moved it last */
    uint32_t object;     /* the object that lives at its start, or OURO_NONE */
    uint32_t owner; /* OURO_OWN: the object whose storage it is, or OURO_NONE */
    uint8_t entry;  /* enum ouro_entry */
    bool inherited; /* from before a fork: never a finding */
    bool ignored;   /* OURO_IGNORE */
    bool pool;      /* an element of an announced pool */
};

enum object_flags {
    OBJECT_LEAF = 1,
    OBJECT_UNTRACKED = 2,
    OBJECT_IMMORTAL = 4,
    OBJECT_FINALIZER = 8,
    OBJECT_IGNORED = 16,
    OBJECT_INHERITED = 32,
    OBJECT_FROZEN = 64,
};

struct object {
    uint64_t addr, bytes; /* its own size; of its block where NEW gave none */
    uint64_t birth, stamp;
    int64_t rc;           /* may be <= 0: what the announcements add up to */
    uint32_t block;       /* index in blocks, or OURO_NONE */
    uint32_t type, label; /* strings */
    uint32_t stack; /* of NEW; where it has none, of the block's allocation */
    uint32_t flags; /* enum object_flags */
    uint8_t generation; /* gc.h: it is in, or was in when it was found; or
                           GC_NOWHERE */
    bool found;         /* unreachable, by a collection before the end */
    int64_t acquired;   /* of rc: acquires that neither a release with the same
                           cookie nor a link of that cookie has taken back */
};

/* One counted reference that `owner` holds. A root's owner is OURO_NONE. */
struct link {
    uint32_t owner, target; /* objects */
    uint32_t field;         /* string; 0: named by `offset` */
    int64_t offset;         /* owner address given to LINK, less the object's or
                               owned block's start; meaningful where field is 0 */
    bool in_owned;          /* written in a block that the owner owns, and not
                               in the owner itself */
    int64_t index;          /* -1: none */
    uint64_t slot;          /* 0: none */
    uint64_t stamp;
    uint32_t stack;
};

/* A reference that a live owner still holds, though its target is dead. */
struct dangling_link {
    uint32_t owner; /* object */
    uint32_t field; /* as in struct link: */
    int64_t offset;
    bool in_owned;
    int64_t index;
    uint64_t link_stamp;
    uint32_t link_stack;
    uint32_t type, label, birth_stack; /* of the target */
    uint64_t addr;
    int64_t rc; /* its count when it died */
    bool freed; /* with its block: nothing said that it dies */
    uint64_t death_stamp;
    uint32_t death_stack; /* of what ended it, or 0 */
};

/* An object that had more references than counts over two collections and more,
   with no event on it in between. */
struct lasting {
    uint64_t birth, addr;
    uint64_t stamp; /* of the second of those collections */
    int64_t ext;    /* counts less references, then */
    uint32_t type, label, birth_stack;
    uint32_t given_up; /* stack of the last event that lowered its count */
};

enum misuse {
    MISUSE_DOUBLE_FREE,     /* free of a block that is already free */
    MISUSE_RELEASE_OF_DEAD, /* DECREF, RELEASE, DEAD of a dead object */
    MISUSE_NEGATIVE,        /* its count fell below zero */
    MISUSE_ZOMBIE,          /* alive at the end with a count of zero */
    MISUSE_FREED_OWNER,     /* a block freed that still holds counted objects */
    N_MISUSES
};

struct misuse_event {
    enum misuse what;
    uint64_t stamp;
    uint64_t addr;
    uint32_t stack;       /* of the event, or 0 */
    uint32_t type;        /* string, or 0 */
    uint32_t birth_stack; /* of the object or block, or 0 */
    uint32_t label;       /* string, or 0 */
    /* MISUSE_RELEASE_OF_DEAD, else 0: */
    uint32_t death_stack; /* of what ended it; where that has none, of what gave
                             a count of it back last; or 0 */
    uint64_t death_stamp; /* when it ended */
};

/* OURO_COUNT: the first event in which the program's own count of an object of
   this type was not the one that its announcements add up to. */
struct mismatch {
    uint32_t type;  /* string */
    uint32_t stack; /* of the OURO_COUNT, or 0 */
    uint64_t stamp;
    uint64_t addr;
    uint64_t birth;
    int64_t said, announced;
    uint64_t n; /* how many events of this type did not match */
};

/* What an event that does not fit is about. */
enum oddity_what {
    ODDITY_UNKNOWN,   /* what is no known object, block or pool */
    ODDITY_UNOWNED,   /* LINK by what is in a block that is no object's */
    ODDITY_UNMATCHED, /* UNLINK, UNROOT of what was not linked so */
    ODDITY_RENEWED,   /* NEW, MOVE to a live object: it was taken for dead */
    ODDITY_DANGLING,  /* a LINK or ROOT whose target died before it went */
    N_ODDITIES
};

/* The events of one sort, place and kind. */
struct oddity {
    enum oddity_what what;
    uint8_t kind;   /* enum ouro_kind */
    uint32_t stack; /* of the event (dangling: of the LINK), or 0 */
    uint32_t text;  /* string: field, name or type that the event gave, or 0 */
    uint32_t type;  /* string: of the object that is known, or 0 */
    uint64_t n;
    uint64_t stamp; /* of the first, as is: */
    uint64_t addr;  /* what is not known (unowned: where the owner was said to
                       be), or the object that is */
};

/*
 * Elements of pools are blocks, but neither they nor inherited blocks count in
 * allocations, frees, bytes or live figures. A realloc is one allocation and
 * one free. increfs and decrefs count counts: OURO_ADD(obj, 3) is three.
 */
struct shadow_totals {
    uint64_t events, allocations, frees, allocated_bytes, peak_bytes;
    uint64_t live_blocks, live_bytes;
    uint64_t objects_created, objects_live;
    uint64_t increfs, decrefs, links, unlinks;
    uint64_t lost_events, order_conflicts, unknown_frees, inherited_frees;
    uint64_t unannounced; /* protocol events that are unknown or unowned */
    uint64_t unmatched_unlinks; /* UNLINK, UNROOT of what was not linked so */
    uint64_t dangling_links;    /* links whose target died before they went */
    uint64_t renewed; /* NEW or MOVE to a live object: it was taken for dead */
    uint64_t count_mismatches; /* OURO_COUNT that did not match */
};

struct shadow {
    const struct trace *trace;
    uint32_t n_blocks, n_objects, n_links;
    struct block *blocks;
    struct object *objects;
    struct link *links;
    uint32_t n_dangling;
    struct dangling_link *dangling; /* in order of deaths */
    uint32_t n_lasting;             /* the first 1,000 */
    struct lasting *lasting;
    uint32_t n_misuses; /* the first 1,000; more are only counted: */
    uint64_t all_misuses[N_MISUSES];
    struct misuse_event *misuses;
    uint32_t n_mismatches;
    struct mismatch *mismatches; /* one a type, in order of stamps */
    uint32_t n_oddities; /* the first 1,000 groups; others are in totals only */
    struct oddity *oddities; /* by what, most first */
    struct shadow_totals totals;
    struct gc gc;
    struct checkpoints checkpoints;
    struct caught caught; /* where the options asked for it */
    bool with_parent;     /* the parent's events had to be replayed first */
};

/*
 * Replays `t`, with collections as `o` says (may be NULL). `parent` is the
 * trace it was forked from, or NULL: where `t` speaks of objects that it does
 * not know, or blocks are to be caught (what memory holds of the parent's must
 * be known), the parent's events up to header.fork_stamp are replayed first and
 * what is alive then is inherited; its strings become strings of `t`, its
 * stacks 0. Waits out impossible events as ouro_trace.h says. 0 or -1 with e
 * filled.
 */
int shadow_build(struct shadow *s, struct trace *t, struct trace *parent,
                 const struct gc_options *o, struct err *e);
void shadow_release(struct shadow *s);
/* The object of that birth, or OURO_NONE: it is dead. */
uint32_t shadow_born(const struct shadow *s, uint64_t birth);
bool shadow_is_valid(const struct shadow *s);

#endif
