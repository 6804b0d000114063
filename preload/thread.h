/* SPDX-License-Identifier: MIT */
/*
 * thread.h - what a thread needs to record: its chunk and decoding state
 *
 * States come from mmap, most of their pages are never touched, and they are
 * used again: a thread that ends leaves its state, with the partly used chunk,
 * in a free list, where the next thread finds it. So neither memory nor file
 * grows with the number of threads that were, only with those that are.
 *
 * A state belongs to one visit at a time. Who finds its own in use (a signal
 * handler that interrupted our code) borrows another for one event.
 *
 * Invariant: chunk is NULL, or `at` .. `limit` is the room left in it, and the
 * fields `stamp` to `is_unannounced` say what a reader of the chunk knows at
 * `at`. The `kept` whose `at` is where the commit word points says where the
 * last whole event ended, and what a reader knows there: kept[newest], and
 * while an event commits it may be the other one.
 */
#ifndef PRELOAD_THREAD_H
#define PRELOAD_THREAD_H

#include "ouro_trace.h"
#include "stack.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { THREAD_FRAMES = 1024, THREAD_STRINGS = 256 };

/* An epoch that no chunk is in: the next event says its own. */
#define THREAD_NO_EPOCH UINT32_MAX

/* What the chunk calls a return address, or a string; valid with the tag. */
struct thread_frame {
    uintptr_t ip;
    uint32_t number, tag;
};

struct thread_string {
    const char *at;
    uint32_t number, tag;
};

/* A chunk at a commit. */
struct thread_kept {
    unsigned char *at;
    uint64_t stamp, addr;
    uint32_t n_strings;
};

/* Where its thread stood still, for standstill.c. */
struct thread_stand {
    _Atomic uint32_t turn; /* the standstill that this is of */
    uint32_t os_thread;
    uintptr_t sp, tp;
    uint32_t n_registers;
    uintptr_t registers[16];
};

struct thread {
    struct thread_stand stand;
    struct thread *next; /* every state, newest first */
    struct thread *next_free;
    unsigned char *at, *limit; /* where the next record goes, and may end */
    uintptr_t sp;              /* the host's, at the last event */
    struct ouro_chunk *chunk;
    struct thread_kept kept[2];
    uint32_t newest;
    uint32_t unread;      /* events to come without the clock (tick.h) */
    uint64_t stamp, addr; /* of the last record */
    uintptr_t ip;         /* of the last frame that got a number */
    uint32_t n_frames, n_strings;
    uint32_t frame_tag, string_tag;
    uint32_t epoch;      /* the chunk's */
    uint32_t tick;       /* when the clock was read last, */
    bool is_stackless;   /* the chunk's current stack is empty */
    bool is_unannounced; /* the chunk does not know of `number` yet */
    bool is_left;        /* what a visit of the parent's had: thread_forked() */
    uint32_t number;     /* of the thread whose events these are */
    uint32_t os_thread;
    uint64_t ticked;         /* and what it said when that was new */
    uint64_t offset;         /* of the chunk in the file */
    uint32_t len;            /* of the chunk */
    uint32_t borrow_number;  /* as which it is lent; 0: never was */
    uint32_t user;           /* the number of the thread that has it, or had */
    _Atomic uint32_t keeper; /* gettid() of the thread that keeps it; 0: none */
    uintptr_t tp;            /* its thread pointer */
    struct thread_frame frames[THREAD_FRAMES];
    struct thread_string strings[THREAD_STRINGS];
    struct stack stack;
};

/* This thread's part is in the program's own memory: an address that stands
   there as it is would keep a leaked block reachable. 0: none. */
static inline uintptr_t thread_hidden(const void *block)
{
    return ~(uintptr_t)block;
}

/* A block whose end is recorded, and the real operator delete has it. */
struct thread_going {
    uintptr_t block, sp; /* hidden; sp: of who called operator delete */
};

/* This thread's part. One initial-exec access reaches all of it. */
struct visitor {
    struct thread *thread;    /* NULL: none yet, or the thread has ended */
    volatile uintptr_t guard; /* the stack pointer of the visit in progress */
    volatile uint32_t own;    /* we are calling libc ourselves */
    uint32_t disabled;        /* OURO_DISABLE, how many times */
    bool is_reallocating;     /* the guard is held over the real realloc */
    bool has_ended;           /* the last destructor has run */
    uint32_t rounds;          /* of destructors, so far */
    uint32_t number;          /* 0: not numbered yet */
    uintptr_t subject; /* what the host has in hand while we take a snapshot */
    uintptr_t given; /* the last block that was recorded, if it is not freed, as
                        thread_hidden says it */
    struct thread_going going;
};

extern _Thread_local struct visitor shim_visitor
    __attribute__((tls_model("initial-exec")));

/*
 * Between these, what this thread allocates is the guest's own: the guard is
 * held, so that every entry looks twice. Returns what the second needs.
 */
static inline uintptr_t thread_begin_own(void)
{
    const uintptr_t guard = shim_visitor.guard;
    shim_visitor.guard = UINTPTR_MAX;
    shim_visitor.own++;
    return guard;
}

static inline void thread_end_own(uintptr_t guard)
{
    shim_visitor.own--;
    shim_visitor.guard = guard;
}

/* The constructor's part: a key whose destructor gives the state back. */
void thread_start(void);

/* A state for this thread to keep. False: there is no memory. */
bool thread_begin(struct visitor *v);

/* A state for one event, under the number given (0: one of its own). NULL:
   there is no memory. */
struct thread *thread_borrow(uint32_t number);
void thread_give_back(struct thread *t);

/* After a visit that never came to its end: what it was about to say is
   forgotten, and the next events are another thread's (a realloc that it began
   never ends). */
void thread_restart(struct visitor *v);

/*
 * In a forked child, at its first event: forgets everything and says the
 * largest stamp that the parent had recorded by then. What a visit in progress
 * holds (a handler that interrupted it has forked, and it will go on) is never
 * used again, and what it writes to is the child's own.
 */
uint64_t thread_forked(void);

/* Every state, through ->next. */
struct thread *thread_all(void);

#endif
