/* SPDX-License-Identifier: MIT */
/*
 * record.h - events as records (ouro_trace.h), from anyone who sees one
 *
 * Each call is one visit: it enters the scope, stamps, captures the stack where
 * one belongs to the event, writes and commits. `here` is the host's state
 * where it called us (STACK_HERE() in the exported function). A call that the
 * guest itself caused is counted and not recorded.
 *
 * What gives up is recorded before it happens, what takes after.
 */
#ifndef PRELOAD_RECORD_H
#define PRELOAD_RECORD_H

#include "ouro_trace.h"
#include "scope.h"
#include "stack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * On what sees a new block: it leaves nothing of it in the registers that a
 * call may change. A thread that goes to sleep next shows some of them, and
 * nobody's block is held by one that only we have used.
 */
#if defined(__has_attribute)
#if __has_attribute(zero_call_used_regs)
#define RECORD_NO_TRACE __attribute__((zero_call_used_regs("all-gpr")))
#endif
#endif
#ifndef RECORD_NO_TRACE
#define RECORD_NO_TRACE
#endif

/* A block that is there now; `entry` is an enum ouro_entry. */
RECORD_NO_TRACE
void record_alloc(int entry, const void *block, size_t size,
                  const struct stack_here *here);

/* A block that is about to go. */
void record_free(const void *block, const struct stack_here *here);

/*
 * A program's own operators new and delete may call malloc and free, or each
 * other, by detours. What they gave is recorded by then, once: so it is for an
 * operator that is called without us. What is being deleted is recorded too.
 *
 *     record_new_begin();               block = (the real operator new);
 *     record_new_end(...);
 *
 *     going = record_delete_begin(...); (the real operator delete);
 *     record_delete_end(going);
 *
 * Nothing is held between: an exception may pass.
 */
static inline void record_new_begin(void)
{
    shim_visitor.given = 0;
}
void record_new_end(int entry, const void *block, size_t size,
                    const struct stack_here *here);
struct thread_going record_delete_begin(const void *block,
                                        const struct stack_here *here);
static inline void record_delete_end(struct thread_going outer)
{
    shim_visitor.going = outer;
}

/*
 * A realloc of a block: begin, the real call, end, in one visit, so that
 * nothing of this thread comes between. `kind` of the end is
 * OURO_REALLOC_END, _END_ARRAY, _FAILED or _FREED.
 */
struct record_realloc {
    struct scope scope;
    bool is_open; /* BEGIN was written, and one of the others must be */
};
void record_realloc_begin(struct record_realloc *r, const void *old,
                          const struct stack_here *here);
RECORD_NO_TRACE
void record_realloc_end(struct record_realloc *r, int kind, const void *old,
                        const void *block, size_t size,
                        const struct stack_here *here);

/* One field of a record, in the order of the record's list. */
struct record_field {
    enum {
        RECORD_ADDR,
        RECORD_STRING,
        RECORD_TEXT,  /* `number` bytes at `text` */
        RECORD_BYTES, /* the same, without their number */
        RECORD_UNSIGNED,
        RECORD_SIGNED,
        RECORD_BYTE,
    } kind;
    uint64_t number;
    const char *text;
};

/* A protocol event, short or long by its kind. Nothing between OURO_DISABLE and
   OURO_ENABLE. (said.h has the same for the hooks, and is quicker.) */
void record_said(int kind, const struct record_field *fields, int n,
                 const struct stack_here *here, bool with_stack);

/* The same from within a visit; `here` is NULL for one without a stack. */
void record_fields(struct thread *t, int kind, const struct record_field *f,
                   int n, const struct stack_here *here);

#endif
