/* SPDX-License-Identifier: MIT */
/*
 * decode.h - the records of one chunk, one after another
 *
 * Holds the decoding state that ouro_trace.h describes, with numbers of frames
 * and strings already turned into ids of the trace's tables. Every record is
 * given, also those that no visitor of trace_walk sees; what does not fit a
 * struct event is in `detail` until the next call.
 *
 * Outer frames that a CUT takes away are kept, hidden, as the callers of what
 * remains, as long as they are known and at most OURO_MAX_DEPTH of them; then
 * they give way to frame 0. So a stack has at most 2 * OURO_MAX_DEPTH frames,
 * and a CUT costs no more than the pushes that made it necessary.
 */
#ifndef ANALYZER_TRACE_DECODE_H
#define ANALYZER_TRACE_DECODE_H

#include "trace/cursor.h"
#include "trace/event.h"
#include "trace/trace.h"

struct path_frame {
    uint32_t stack;  /* from the root to this frame */
    uint32_t number; /* of the frame in this chunk */
};

/* A frame of this chunk, and which stack it came to be the last time that it
   was called. */
struct known_frame {
    uint32_t id;     /* in stacks->frames */
    uint32_t caller; /* a stack; STACKS_FULL: none yet */
    uint32_t stack;
};

struct decoder {
    struct cursor in;
    struct stacks *stacks;
    struct strings *strings;
    bool sealed;    /* the chunk is complete, and all of it is there */
    bool cut;       /* the chunk reaches past the end of the file */
    bool has_stack; /* the record read last has OURO_HAS_STACK */
    uint64_t start; /* offset of the record read last */
    uint64_t stamp, addr, ip;
    uint32_t thread, epoch;
    uint32_t n_frames, room_frames;
    struct known_frame *frames; /* frame number i + 1 */
    uint32_t n_texts, room_texts;
    uint32_t *texts; /* string number i + 1: id in strings */

    /* The current stack is path[hidden .. n_path - 1], on top of `root`. */
    uint32_t n_path, hidden, room_path;
    struct path_frame *path;
    uint32_t root; /* 0, or the stack that is frame 0 alone */

    struct {
        uint64_t len;         /* of a long record, after its length */
        uint32_t pops;        /* STACK */
        uint32_t pushes;      /* STACK */
        uint32_t old_frames;  /* STACK: numbers above this one are new */
        uint64_t number;      /* CUT: frames; THREAD: os_thread */
        struct module module; /* MODULE, UNMODULE: id, epoch; its build_id
                                 points into the window */
        uint32_t exe, cwd, argc, n_argv, room_argv; /* PROCESS */
        uint32_t *argv;
    } detail;
    char fault[200]; /* what is wrong, after DECODED_DAMAGE */
};

enum decoded {
    DECODED_RECORD,
    DECODED_END,    /* of what is committed, or of a file that was cut */
    DECODED_DAMAGE, /* at `start`: `fault` says what, and what to do */
};

/* `window`: as cursor_open has it. */
void decode_open(struct decoder *d, struct trace *t,
                 const struct trace_chunk *chunk, size_t window);
void decode_close(struct decoder *d);
enum decoded decode_next(struct decoder *d, struct event *e);

/* Up to `most` short records that follow on each other, with the stacks between
   them, as decode_next would give them; all before that stamp. Strings in them
   are not new. */
uint32_t decode_plain(struct decoder *d, struct event *events, uint32_t most,
                      uint64_t before);

/* The current stack. */
static inline uint32_t decode_top(const struct decoder *d)
{
    return d->n_path > 0 ? d->path[d->n_path - 1].stack : d->root;
}

/* The rest of a long record, of which the kind has been read and `p` is where
   its length stands; decode_long.c. */
enum decoded decode_long(struct decoder *d, const unsigned char *p,
                         struct event *e);

/* Fills d->fault. */
__attribute__((format(printf, 2, 3))) enum decoded decode_damage(
    struct decoder *d, const char *fmt, ...);

/* The record goes on where there are no bytes. */
enum decoded decode_ran_out(struct decoder *d);

/* The bytes are not there any more. */
enum decoded decode_unreadable(struct decoder *d);

/* The stack that frame `number` (1 .. n_frames) makes on top of `at`;
   STACKS_FULL: there are too many. A frame remembers its last caller, and a
   stack whom it called last: who is called from many places, and who calls
   many, are both found at once. */
static inline uint32_t decode_push(struct decoder *d, uint32_t at,
                                   uint64_t number)
{
    struct known_frame *f = &d->frames[number - 1];
    if (f->caller == at)
        return f->stack;
    const struct stacks_callee *last = stacks_callee(d->stacks, at, f->id);
    if (last->frame == f->id)
        return last->stack;
    f->caller = at;
    return f->stack = stacks_look_up(d->stacks, at, f->id);
}

#endif
