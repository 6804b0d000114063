/* SPDX-License-Identifier: MIT */
/*
 * replay.h - events in, what is alive out
 *
 * The rules of DESIGN 3 applied one event after the other. An event that is
 * impossible at its turn waits (waiting.h) when other threads may still make it
 * possible. Both passes, and the tests, feed events through replay_apply.
 */
#ifndef ANALYZER_SHADOW_REPLAY_H
#define ANALYZER_SHADOW_REPLAY_H

#include "shadow/blocks.h"
#include "shadow/caught.h"
#include "shadow/census.h"
#include "shadow/dangling.h"
#include "shadow/generations.h"
#include "shadow/lasting.h"
#include "shadow/links.h"
#include "shadow/objects.h"
#include "shadow/oddities.h"
#include "shadow/waiting.h"

struct replay;

/* Something happened to an object that the listener wants to hear of. */
struct heard {
    uint32_t object; /* in replay.objects */
    uint32_t owner;  /* links: in replay.objects, or OURO_NONE */
    uint32_t field;
    uint8_t kind; /* as in struct moment */
    int64_t n;
    uint64_t cookie;
    const struct event *event; /* which was the cause */
};

struct listener {
    void *to;
    bool (*wants)(void *to, uint64_t birth);
    void (*hear)(void *to, const struct replay *r, const struct heard *h);
    /* May be NULL. Hears before its end (DEAD, whatever the cause; n: the
       counts that are left) and of COUNT (n: what the program said). */
    void (*note)(void *to, const struct replay *r, const struct heard *h);
    /* May be NULL. A block is about to be no more. */
    void (*block_ends)(void *to, const struct replay *r, uint32_t block);
    /* May be NULL. An allocation is done: a block of the allocator's is there,
       with the size and the stack that it has now. Where a realloc is about to
       give others to the block that it was, block_moves is called before. */
    void (*block_comes)(void *to, const struct replay *r, uint32_t block);
    void (*block_moves)(void *to, const struct replay *r, uint32_t block);
    /* May be NULL. A FOLDED_SITE. */
    void (*folded)(void *to, const struct replay *r, const struct event *e);
};

/* A thread, as far as the replay must know it. */
struct replay_thread {
    uint32_t n_waiting;  /* its events that wait */
    uint32_t n_blocking; /* those of them that hold up all that follow */
    uint32_t away;       /* the block that it reallocates, or OURO_NONE */
    uint32_t stack;      /* of its REALLOC_BEGIN */
    bool in_realloc;
};

enum { MISUSES_KEPT = 1000 };

struct replay {
    struct blocks blocks;
    struct objects objects;
    struct links links;
    struct danglings danglings;
    struct lasting *lasting;
    uint32_t n_lasting, lasting_room;
    struct waiting waiting;
    struct oddities oddities;
    struct generations generations;
    struct census census;
    struct caught caught;

    struct table thread_of; /* number -> index in threads + 1 */
    struct replay_thread *threads;
    uint32_t n_threads, threads_room;

    uint64_t patience;     /* stamps */
    bool waits;            /* there are several threads */
    bool forked;           /* what is freed and unknown was inherited */
    bool certain;          /* nothing is known to be missing */
    bool bypassed;         /* allocations of some libraries were never seen */
    struct table doubtful; /* addresses that were handed out while in use */
    bool needs_parent;     /* events spoke of what a parent may know */

    uint64_t n_born; /* NEW events so far */
    uint64_t stamp;  /* of the newest event */
    struct shadow_totals totals;

    struct misuse_event *misuses;
    uint32_t n_misuses, misuses_room;
    uint64_t all_misuses[N_MISUSES];
    struct table mismatch_of; /* type + 1 -> index in mismatches + 1 */
    struct mismatch *mismatches;
    uint32_t n_mismatches, mismatches_room;

    const struct listener *listener; /* or NULL */
    const struct event *now;         /* the event being applied */
};

/* `o` may be NULL: collections as recorded. */
void replay_init(struct replay *r, const struct gc_options *o);
void replay_release(struct replay *r);

void replay_apply(struct replay *r, const struct event *e);

/* These will be applied next: no more than a word to the processor, which has
   most of what they need at hand then. */
void replay_expect(struct replay *r, const struct event *events, uint32_t n);

/* No more events: nothing waits any longer, and a block whose realloc never
   returned is back where it was. */
void replay_finish(struct replay *r);

/*
 * The process forked: after replay_finish, what is alive is inherited, counts
 * start anew. Strings of `from` become strings of `to`.
 */
void replay_fork(struct replay *r, const struct strings *from,
                 struct strings *to);

/* What is alive, sorted and dense, and what was noted; see shadow.h. After
   replay_finish, once. */
void replay_settle(struct replay *r, struct shadow *s);

#endif
