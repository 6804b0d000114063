/* SPDX-License-Identifier: MIT */
/*
 * event_writer.h - the events of a trace written again, as one chunk's records
 *
 * Takes events as a walk of the trace gives them, with ids of its strings and
 * stacks, in order of stamps, and says of each whose it is. The bytes decode to
 * the same events.
 *
 *     struct event_writer w;
 *     event_writer_begin(&w, &t);
 *     event_writer_put(&w, &e);          each of them
 *     ... w.bytes, w.n, w.first_stamp, w.first_thread ...
 *     event_writer_release(&w);
 *
 * A stack with frames that are not known, or with more than OURO_MAX_DEPTH, is
 * written for itself: the chunk's decoding state is emptied before and after.
 */
#ifndef ANALYZER_FOLD_EVENT_WRITER_H
#define ANALYZER_FOLD_EVENT_WRITER_H

#include "shadow/table.h"
#include "trace/trace.h"

#include <stdbool.h>

struct event_writer {
    const struct trace *t;
    unsigned char *bytes;
    size_t n, room;
    bool begun; /* first_... are set */
    uint64_t first_stamp;
    uint32_t first_thread;
    /* The chunk's decoding state. */
    uint64_t stamp, addr, ip;
    uint32_t thread, epoch;
    uint32_t stack;       /* the current one */
    uint32_t depth;       /* its frames */
    bool is_odd;          /* it is one of those that are written for itself */
    struct table numbers; /* frame id + 1 -> its number */
    uint32_t n_numbers;
    struct table strings; /* id -> its number */
    uint32_t n_strings;
    /* Frames to be pushed, innermost first. */
    uint32_t *path, path_room;
};

void event_writer_begin(struct event_writer *w, const struct trace *t);
void event_writer_release(struct event_writer *w);

/* What is known of the process and its modules; first of all, at the stamp and
   for the thread of the event that will come first. */
void event_writer_process(struct event_writer *w, const struct event *first);

/* Any event that a walk gives. */
void event_writer_put(struct event_writer *w, const struct event *e);

/* Says that there is a thread, if it has no events. */
void event_writer_thread(struct event_writer *w, uint32_t thread);

#endif
