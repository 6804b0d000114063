/* SPDX-License-Identifier: MIT */
/*
 * stack.h - call stacks: right before fast, and only what changed is walked
 *
 * Each thread remembers its last stack as frames, outermost first: the state
 * (ip, sp, fp) in which the frame goes on when what it called returns, and
 * every memory word that this state was read from and that matters to it. A
 * capture walks from the innermost frame outward with unwind rules (rule.h) and
 * stops at the first frame that is remembered with the same (ip, sp, fp) and
 * whose outward frames all still stand: every one of their words is read again.
 * Where a word differs, walking goes on to beyond that.
 *
 * Mostly the same way was walked before, and is looked up (trail.h). Nearly
 * always else it is a few frames whose rules are as usual. stack_capture()
 * walks these with all it knows in registers, and changes nothing until it has
 * come to its end; for everything else there is stack_rarely.c.
 *
 * Invariants (stack_is_valid): n <= OURO_MAX_DEPTH; no ip is 0; sp never rises
 * from at[i] to at[i + 1] except into a frame that a signal interrupted or one
 * that libunwind named; at[i]'s words are words[at[i - 1].n_words ..
 * at[i].n_words), as its flags say which, the first of them its return address.
 * What goes wrong (a lie in call frame information, code without any, a page
 * that cannot be read) ends a stack at its outer end, never the host.
 *
 * Nothing here allocates, locks, or touches a word outside the window of pages
 * that were found readable, [lo, hi).
 */
#ifndef PRELOAD_STACK_H
#define PRELOAD_STACK_H

#include "ouro_trace.h"
#include "standing.h"
#include "window.h"

#include <stdbool.h>
#include <stdint.h>

enum stack_frame_flags {
    STACK_INTERRUPTED = 1, /* by a signal: ip is the next instruction to run,
                              not the one after a call */
    STACK_FOREIGN = 2,     /* libunwind named it; it has no words to verify */
    STACK_IP_READ = 4,     /* from memory; not so the innermost frame's, */
    STACK_FP_READ = 8,     /* nor what a register still held */
    STACK_SP_READ = 16,
    STACK_USES_FP = 32,  /* where its caller's state is depends on its fp */
    STACK_KEEPS_FP = 64, /* its caller has the same fp */
    STACK_NEEDS_FP = 128 /* in at[]: what is outward of it depends on its fp */
};

/*
 * Compilers use the frame pointer's register for anything. Only where it leads
 * to another frame is it looked at again: a frame needs its fp if it uses it,
 * or keeps it for one that does.
 */
struct stack_frame {
    uintptr_t ip, sp, fp; /* ip: return address into this frame's function */
    uint32_t n_words;     /* in at[]: that all frames up to this one need */
    uint32_t flags;       /* enum stack_frame_flags */
};

enum { STACK_WORDS = 3 };

/* A frame that a walk has come to, and which of its flags says is there. */
struct stack_fresh {
    struct stack_frame frame;
    struct stack_word ip, fp, sp;
};

/* What a trace says for a frame: the address after the instruction that was
   running, so that a reader always looks up the address less one. */
static inline uintptr_t stack_frame_address(const struct stack_frame *f)
{
    return f->ip + ((f->flags & STACK_INTERRUPTED) ? 1 : 0);
}

/* libunwind runs here, on its own stack, with signals blocked: the host's may
   be too small for it. */
enum { STACK_SCRATCH = 64 * 1024 };

/* Frames that are walked at most, to count those beyond OURO_MAX_DEPTH. */
enum { STACK_MAX_WALK = 1024 * 1024 };

/* How many go at once when a stack outgrows OURO_MAX_DEPTH. */
enum { STACK_CUT = 1024 };

/* A way outward that was walked before: trail.h. */
enum { STACK_TRAILS = 64, STACK_TRAIL_FRAMES = 10, STACK_TRAIL_WORDS = 20 };

struct stack_trail {
    uintptr_t ip, sp;             /* where it begins; ip 0: it is none */
    uint64_t wanted;              /* trail_key() of one that is not kept yet */
    uint32_t epoch;               /* of its frames; */
    uint32_t n, base;             /* they stood at at[base .. base + n), */
    uint32_t n_words, first_word; /* and their words likewise */
    uint8_t near[STACK_TRAIL_WORDS];
    struct stack_word words[STACK_TRAIL_WORDS];
    struct stack_frame at[STACK_TRAIL_FRAMES];
};

/* A zero-filled struct stack is one that was forgotten. Only the pages that a
   program's depth needs are ever touched. */
struct stack {
    uint32_t n;
    uint32_t epoch;      /* module_epoch() that the frames belong to */
    uint64_t cut;        /* frames outside at[0] that are there and not kept */
    struct window pages; /* readable, around the stack in use */
    uint8_t near[OURO_MAX_DEPTH * STACK_WORDS]; /* of words[i]: standing.h */
    struct stack_frame at[OURO_MAX_DEPTH];
    struct stack_word words[OURO_MAX_DEPTH * STACK_WORDS];
    struct stack_fresh fresh[OURO_MAX_DEPTH + 2]; /* scratch: the new ones */
    struct stack_trail trails[STACK_TRAILS];
    _Alignas(16) unsigned char scratch[STACK_SCRATCH];
};

/*
 * What a capture did to at[], in this order: `pops` frames went at the inner
 * end, then `cut` went at the outer end, then `pushes` came (now at[n - pushes]
 * .. at[n - 1]). `cut` may be more than the frames that were left:
 * then all of them went, and the others were never told. So a recorder writes
 *
 *   where s->epoch is not its chunk's epoch (nothing was kept, pushes == n, and
 *     pops means nothing): OURO_EPOCH;
 *   else, where `restart` is set (the same, for another reason: frames that had
 *     been cut came back): OURO_THREAD, naming the same thread;
 *   where `cut` is 0: STACK with pops (0 after the above) and pushes;
 *   else: STACK with pops alone, CUT with `cut`, STACK with pushes alone.
 */
struct stack_change {
    uint16_t pops, pushes;
    bool restart;
    uint64_t cut;
};

/* The host's state where it called us: STACK_HERE(x) in the exported function
   itself, which must be compiled with a frame pointer. */
struct stack_here {
    uintptr_t ip, sp, fp;
};
#define STACK_HERE()                                                           \
    ((struct stack_here){                                                      \
        .ip = (uintptr_t)__builtin_extract_return_addr(                        \
            __builtin_return_address(0)),                                      \
        .sp = (uintptr_t)__builtin_dwarf_cfa(),                                \
        .fp = *(uintptr_t *)__builtin_frame_address(0),                        \
    })

/* Called once, before any thread but the first: loads libunwind (dlopen, so it
   may allocate) and warms it. Without it captures still work. */
void stack_start(void);

/* Before the first capture of a thread, after a stale guard, and wherever the
   recorder's own idea of the current stack is empty (a new chunk). The change
   of the next capture has pops 0 and pushes n. */
void stack_forget(struct stack *s);

/* Makes s the stack of `here`, and s->epoch the epoch of all its frames: every
   frame's module, if it has one, is in the table by then. */
struct stack_change stack_capture(struct stack *s,
                                  const struct stack_here *here);

/* The same by the long way, whatever the stack is like. */
struct stack_change stack_capture_rarely(struct stack *s,
                                         const struct stack_here *here);

/* How many words stand before at[i]'s. */
static inline uint32_t stack_words_before(const struct stack *s, uint32_t i)
{
    return i > 0 ? s->at[i - 1].n_words : 0;
}

/* Whose is word number `word`, counting from 1: a frame's below at[k]. */
static inline uint32_t stack_owner(const struct stack *s, uint32_t k,
                                   uint32_t word)
{
    while (stack_words_before(s, k) >= word)
        k--;
    return k;
}

/* The frame that called us. */
static inline struct stack_frame stack_innermost(const struct stack_here *here)
{
    return (struct stack_frame){standing_plain(here->ip), here->sp, here->fp, 0,
                                0};
}

static inline void stack_push_word(struct stack *s, uint32_t n,
                                   const struct stack_word *word)
{
    s->words[n] = *word;
    s->near[n] = standing_near(s->words, s->near, n, word->slot);
}

/* What stands at `at`, and how its words go on behind those before it. */
struct stack_end {
    struct stack_frame *at;
    uint32_t n_words, flags; /* of the frame outward of it */
};

/* *end.at is that frame now; what it was, and all inward of it, is forgotten.
 */
static inline __attribute__((always_inline)) void stack_place(
    struct stack *s, struct stack_end *end, const struct stack_fresh *f)
{
    const uint32_t flags = f->frame.flags;
    const uint32_t needs =
        (flags << 2 | (flags << 1 & end->flags)) & STACK_NEEDS_FP;
    uint32_t n = end->n_words;
    if (flags & STACK_IP_READ)
        stack_push_word(s, n++, &f->ip);
    if ((flags & STACK_FP_READ) && needs)
        stack_push_word(s, n++, &f->fp);
    if (flags & STACK_SP_READ)
        stack_push_word(s, n++, &f->sp);
    *end->at++ = (struct stack_frame){f->frame.ip, f->frame.sp, f->frame.fp, n,
                                      flags | needs};
    end->n_words = n;
    end->flags = flags | needs;
}

/* Where at[i] is to come. */
static inline struct stack_end stack_end(struct stack *s, uint32_t i)
{
    return (struct stack_end){&s->at[i], stack_words_before(s, i),
                              i > 0 ? s->at[i - 1].flags : 0};
}

/* at[i] is that frame now. */
void stack_put(struct stack *s, uint32_t i, const struct stack_fresh *f);

/* at[i] was met again as f, from other words perhaps. */
void stack_put_met(struct stack *s, uint32_t i, struct stack_fresh *f);

/* Is it the same frame, as far as what is outward depends on it? */
static inline bool stack_is_same(const struct stack_frame *at,
                                 const struct stack_frame *f)
{
    const uint32_t kind = STACK_INTERRUPTED | STACK_FOREIGN;
    return at->sp == f->sp && at->ip == f->ip &&
           ((at->flags ^ f->flags) & kind) == 0 &&
           (at->fp == f->fp || !(at->flags & STACK_NEEDS_FP));
}

/* After fork, in the child: libunwind is used no more if another thread was
   inside it. */
void stack_forked(void);

/* True while this thread is inside libunwind or the loader on our behalf:
   an allocation whose caller is one of them is the guest's own. */
bool stack_is_foreign(uintptr_t caller);

/* For the header: stacks that ended early because libunwind was needed and
   could not be used, stacks that libunwind walked. */
void stack_count(uint64_t *too_short, uint64_t *slow);
bool stack_has_libunwind(void);
bool stack_is_valid(const struct stack *s);

#endif
