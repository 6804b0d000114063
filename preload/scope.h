/* SPDX-License-Identifier: MIT */
/*
 * scope.h - every visit to our own code from inside the host program
 *
 * A visit keeps the guest from recording itself and finds the state to record
 * into. What is between enter and leave happens only where enter said so. Most
 * visits are plain: the thread's own state is there, and nobody waits for a
 * snapshot.
 *
 * The host's errno stays as it is: the guest's own calls do not touch it
 * (raw.h), and who calls libc on a visit's behalf keeps it (scope_enter_rarely,
 * rule_learn, foreign_walk, request_answer).
 *
 * The guard is the stack pointer of the visit in progress. An entry that finds
 * it set is one of
 *   - the loader's or libunwind's, on our behalf: forwarded, and counted;
 *   - stale: the visit was left by siglongjmp, since we are further out on the
 *     same stack than it was. The state starts again with a fresh chunk;
 *   - a signal handler's, or stale and not to be told from it: it records into
 *     another state, as a thread of its own.
 * So nothing is lost, and nothing depends on the guard but speed.
 */
#ifndef PRELOAD_SCOPE_H
#define PRELOAD_SCOPE_H

#include "life.h"
#include "request.h"
#include "stack.h"
#include "thread.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct scope {
    struct thread *thread;
    uintptr_t outer;  /* the guard that this visit interrupted */
    bool is_borrowed; /* the state is given back at the end */
    bool is_own;      /* not entered: this is a call of our own */
};

/* The slow half of scope_enter. */
bool scope_enter_rarely(struct scope *s, const struct stack_here *here,
                        const void *subject);

/* The state of a plain visit, which ends with scope_leave_plainly(); NULL: it
   is none, and scope_enter_rarely() is to be asked. */
static inline struct thread *scope_enter_plainly(const struct stack_here *here)
{
    struct visitor *v = &shim_visitor;
    if (__builtin_expect(v->guard != 0, 0))
        return NULL;
    /* First the guard, then the looking: a handler in between finds it, and may
       even be in another process when it returns. */
    v->guard = here->sp;
    atomic_signal_fence(memory_order_seq_cst);
    struct thread *t = v->thread;
    if (__builtin_expect(t && life_is_plain() && !request_is_pending(), 1)) {
        t->sp = here->sp;
        return t;
    }
    v->guard = 0;
    return NULL;
}

static inline void scope_leave_plainly(void)
{
    atomic_signal_fence(memory_order_seq_cst);
    shim_visitor.guard = 0;
}

/* Any visit. `subject`: the block that the host has in hand, and perhaps
   nowhere else. */
static inline bool scope_enter(struct scope *s, const struct stack_here *here,
                               const void *subject)
{
    *s = (struct scope){.thread = scope_enter_plainly(here)};
    return __builtin_expect(s->thread != NULL, 1) ||
           scope_enter_rarely(s, here, subject);
}

static inline void scope_leave(struct scope *s)
{
    /* As long as it is not given back, this is a visit: thread_forked(). */
    if (__builtin_expect(s->is_borrowed, 0))
        thread_give_back(s->thread);
    atomic_signal_fence(memory_order_seq_cst);
    shim_visitor.guard = s->outer;
}

/*
 * Blocks that the loader and libc got from us for the guest itself are in no
 * record; nor are their frees.
 */
void scope_note_own(const void *block);
/* True: it was one of those, and is no more. */
bool scope_forget_own(const void *block);

#endif
