/* SPDX-License-Identifier: MIT */
/*
 * state.h - what a struct trace keeps to itself
 */
#ifndef ANALYZER_TRACE_STATE_H
#define ANALYZER_TRACE_STATE_H

#include "arena.h"
#include "trace/decode.h"
#include "trace/kinds.h"
#include "trace/source.h"
#include "trace/trace.h"

struct trace_state {
    struct source source;
    struct arena arena; /* build-ids, argv */
    uint32_t *by_stamp; /* chunks sorted by (first_stamp, offset) */
    bool walked;        /* to the end: what the first walk fills is there */

    /* While the first walk goes on: */
    uint32_t n_threads, room_threads, room_modules, n_gone, room_gone;
    uint32_t room_suppressions;
    char *suppressions;  /* trace.h */
    uint32_t *threads;   /* with repetitions */
    uint32_t end_thread; /* whose END it was */
    struct module *gone; /* UNMODULE records: id and epoch */

    /* Modules by (start, epoch), and how far those up to each one reach. */
    uint32_t *by_start;
    uint64_t *reach;
};

/* notes.c: what the first walk notes; begin, each record, end. Of most records
   nothing says more than that they are there. */
void notes_begin(struct trace *t);
void notes_process(struct trace *t, const struct decoder *d,
                   const struct event *e);
static inline void notes_record(struct trace *t, const struct decoder *d,
                                const struct event *e)
{
    const struct kind *k = &kinds[e->kind];
    t->n_events += k->counted;
    if (e->stamp > t->last_stamp)
        t->last_stamp = e->stamp;
    if (!k->counted || t->end_how == OURO_END_EXEC)
        notes_process(t, d, e);
}
/* n >= 1 events of one thread that decode_plain gave. */
void notes_plain(struct trace *t, const struct event *events, uint32_t n);
void notes_end(struct trace *t);

/* modules.c: sorts what the first walk found, makes it ready for lookups. */
void modules_index(struct trace *t);

#endif
