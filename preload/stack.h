/* SPDX-License-Identifier: MIT */
/*
 * stack.h - call stacks: right before fast, and only what changed is walked
 *
 * Each thread remembers its last stack as frames, outermost first: the state
 * (ip, sp, fp) in which the frame goes on when what it called returns, and the
 * place of every memory word that this state was read from. A capture walks
 * from the innermost frame outward with unwind rules (rule.h) and stops at the
 * first frame that is remembered with the same (ip, sp, fp) and whose outward
 * frames all still stand: every one of their words is read again.
 * Where a word differs, walking goes on from there.
 *
 * Invariants (stack_is_valid): sp strictly falls from at[i] to at[i + 1]
 * except across a signal frame or a frame that libunwind named; n <=
 * OURO_MAX_DEPTH; cut counts what was dropped at the outer end.
 *
 * Nothing here allocates, locks, or touches a word outside the window of pages
 * that were found readable, [lo, hi).
 */
#ifndef PRELOAD_STACK_H
#define PRELOAD_STACK_H

#include "ouro_trace.h"

#include <stdbool.h>
#include <stdint.h>

struct stack_frame {
    uintptr_t ip; /* return address into this frame's function */
    uintptr_t sp, fp;
    uintptr_t ip_slot; /* *ip_slot == ip; 0: not from memory */
    uintptr_t fp_slot; /* *fp_slot == fp; 0: fp was carried over */
    uintptr_t
        sp_slot; /* *sp_slot == sp: the frame address came from memory; 0 */
    uint32_t
        number; /* record.c's: the chunk's number of this ip; 0: none yet */
    uint32_t flags;
};

struct stack {
    struct stack_frame at[OURO_MAX_DEPTH];
    struct stack_frame fresh[OURO_MAX_DEPTH]; /* scratch: the new ones */
    uint32_t n;
    uint64_t cut;
    uint32_t epoch;   /* module_epoch() that the frames belong to */
    uintptr_t lo, hi; /* readable pages around the stack in use */
};

/* What a capture did to at[]: `pops` frames went at the inner end, then
   `pushes` came (at[n - pushes] .. at[n - 1], number 0), then `cut` went at the
   outer end. pops may be all there were. */
struct stack_change {
    uint32_t pops, pushes, cut;
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

/* The first capture of a thread, or after a stale guard or another epoch. */
void stack_forget(struct stack *s);

/* Makes s the stack of `here`. */
struct stack_change stack_capture(struct stack *s, struct stack_here here);

/* After fork, in the child: libunwind is used no more if another thread was
   inside it. */
void stack_forked(void);

/* True while this thread is inside libunwind or the loader on our behalf:
   an allocation whose caller is one of them is the guest's own. */
bool stack_is_foreign(uintptr_t caller);

/* For the header: stacks cut for want of room, stacks that libunwind walked. */
void stack_count(uint64_t *too_short, uint64_t *slow);
bool stack_has_libunwind(void);
bool stack_is_valid(const struct stack *s);

#endif
