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
 * Invariants (stack_is_valid): n <= OURO_MAX_DEPTH; no ip is 0; sp never rises
 * from at[i] to at[i + 1] except into a frame that a signal interrupted or one
 * that libunwind named; a frame that libunwind named has no slots; n_two and
 * n_pairs are right.
 * What goes wrong (a lie in call frame information, code without any, a page
 * that cannot be read) ends a stack at its outer end, never the host.
 *
 * Nothing here allocates, locks, or touches a word outside the window of pages
 * that were found readable, [lo, hi).
 */
#ifndef PRELOAD_STACK_H
#define PRELOAD_STACK_H

#include "ouro_trace.h"
#include "window.h"

#include <stdbool.h>
#include <stdint.h>

enum stack_frame_flags {
    STACK_INTERRUPTED = 1, /* by a signal: ip is the next instruction to run,
                              not the one after a call */
    STACK_FOREIGN = 2,     /* libunwind named it; it has no words to verify */
    STACK_READ_SP = 4,     /* sp came from memory too */
};

/*
 * Most frames were read from two words, the return address and the frame
 * pointer, or from the first alone, which then stands for both: so they are
 * verified without a question, four at a time, and where the two are neighbours
 * with half of the loads. n_two and n_pairs say how many can be.
 */
struct stack_frame {
    uintptr_t fp, ip;    /* ip: return address into this frame's function */
    uintptr_t ip_slot;   /* plain(*ip_slot) == ip; 0: not from memory */
    uintptr_t also_slot; /* where fp was read from, or ip_slot again if it was
                            carried over */
    uintptr_t also;      /* *also_slot; with STACK_READ_SP: where sp was read */
    uintptr_t sp;
    uint16_t flags; /* enum stack_frame_flags */
    /* In at[]: of how many frames in a row, from this one outward, are ip_slot
       and also_slot all words of one page; and next to each other too? More
       than there are, where frames were cut; 65,535 and one is 0. */
    uint16_t n_two, n_pairs;
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

/* A zero-filled struct stack is one that was forgotten. Only the pages that a
   program's depth needs are ever touched. */
struct stack {
    uint32_t n;
    uint32_t epoch;      /* module_epoch() that the frames belong to */
    uint64_t cut;        /* frames outside at[0] that are there and not kept */
    struct window pages; /* readable, around the stack in use */
    struct stack_frame at[OURO_MAX_DEPTH];
    struct stack_frame fresh[OURO_MAX_DEPTH + 2]; /* scratch: the new ones */
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
