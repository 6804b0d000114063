/* SPDX-License-Identifier: MIT */
/*
 * stacks.h - call stacks as numbers: a tree of frames, outermost at the root
 *
 * Stack 0 is the empty one. Stack s > 0 is the frame `frame[s]` called from
 * stack `parent[s]`, and parent[s] < s: so a walk to the root ends. No two
 * stacks have the same parent and frame.
 * A frame is a return address and the epoch of the module table in which it
 * was defined (ouro_trace.h, EPOCH). Frame 0, whose ip is 0, stands for frames
 * that were cut off at the outer end and are not known.
 */
#ifndef ANALYZER_TRACE_STACKS_H
#define ANALYZER_TRACE_STACKS_H

#include <stdbool.h>
#include <stdint.h>

#define STACKS_FULL UINT32_MAX

struct frame {
    uint64_t ip; /* the return address: the call is at ip - 1 */
    uint32_t epoch;
};

/* What was called from a stack; frame STACKS_FULL: nothing was yet. */
struct stacks_callee {
    uint32_t frame, stack;
};

enum { STACKS_CALLEES = 4 };

struct stacks {
    uint32_t n; /* stacks are 0 .. n-1 */
    uint32_t *parent;
    uint32_t *frame; /* id in frames[] */
    /* By the frame's number modulo STACKS_CALLEES, and the stack: the last. */
    struct stacks_callee *callees[STACKS_CALLEES];
    uint32_t n_frames;
    struct frame *frames;
    struct stacks_index *index;
};

void stacks_init(struct stacks *s);
void stacks_release(struct stacks *s);

/* Both give STACKS_FULL after 2^32 - 2 of them. */
uint32_t stacks_frame(struct stacks *s, uint64_t ip, uint32_t epoch);
/* The stack in which `frame` was called from `parent`. Of those who call one
   function again and again, nothing is looked up. */
uint32_t stacks_look_up(struct stacks *s, uint32_t parent, uint32_t frame);
static inline struct stacks_callee *stacks_callee(const struct stacks *s,
                                                  uint32_t parent,
                                                  uint32_t frame)
{
    return &s->callees[frame % STACKS_CALLEES][parent];
}

static inline uint32_t stacks_push(struct stacks *s, uint32_t parent,
                                   uint32_t frame)
{
    const struct stacks_callee *last = stacks_callee(s, parent, frame);
    return last->frame == frame ? last->stack
                                : stacks_look_up(s, parent, frame);
}

bool stacks_are_valid(const struct stacks *s);

#endif
