/* SPDX-License-Identifier: MIT */
/*
 * trace.h - one process image's trace file, read with every bound checked
 *
 * Opening checks the header and finds the chunks; a walk reads them window by
 * window, so memory follows the threads that ran at one time. What is damaged
 * is an error with the offset (RC_TRACE); what is merely cut is normal and
 * noted in `cut`. Memory follows what the file holds, never what it claims, and
 * a file that gets shorter meanwhile is an error, not a signal.
 *
 * A walk gives every event of all chunks, merged by (stamp, chunk's place in
 * the file), and may be repeated: the second pass sees exactly the same events
 * in the same order with the same ids, also when the file has grown meanwhile
 * (what is committed when the trace is opened is what is read).
 */
#ifndef ANALYZER_TRACE_TRACE_H
#define ANALYZER_TRACE_TRACE_H

#include "err.h"
#include "ouro_trace.h"
#include "trace/event.h"
#include "trace/stacks.h"
#include "trace/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module {
    uint32_t id;
    uint32_t epoch; /* there from this epoch on ... */
    uint32_t gone;  /* ... and before this one (UINT32_MAX: to the end) */
    uint64_t bias, start, end;
    const char *path; /* "" where unknown */
    const unsigned char *build_id;
    uint32_t build_id_len;
};

struct trace_chunk {
    uint64_t offset; /* of its head in the file */
    uint64_t len;    /* committed bytes that are there */
    uint64_t first_stamp, ns;
    uint64_t checksum; /* meaningful where sealed */
    uint32_t thread;   /* of a snapshot's: its number */
    bool sealed;
    bool cut; /* some of its committed bytes are behind the end of the file */
    bool folded;   /* of kind OURO_CHUNK_FOLDED */
    uint64_t room; /* bytes of the file, with its head */
};

struct trace {
    const char *path;
    struct ouro_trace_header header; /* a copy, as of opening */
    uint64_t len;                    /* bytes of the file */
    uint32_t n_chunks;
    struct trace_chunk *chunks;          /* a folded one, then in file order */
    uint32_t n_snapshot_chunks;          /* read by snapshot.h alone */
    struct trace_chunk *snapshot_chunks; /* in file order */
    struct stacks stacks;
    struct strings strings;
    /* Filled by the first walk that comes to its end: */
    uint32_t n_modules;
    struct module *modules; /* in order of (epoch, id) */
    const char *exe, *cwd;  /* "" until known */
    uint32_t argc;          /* as the process had it; argv may hold fewer */
    uint32_t n_argv;
    const char **argv;
    uint64_t n_events;        /* allocations, frees, reallocs, protocol */
    uint64_t n_folded;        /* of them: folded, only their number is known */
    uint64_t n_lost;          /* header.lost_events and LOST records */
    const char *suppressions; /* what the program itself wants suppressed */
    size_t suppressions_len;
    const char *bypass; /* a library whose allocations were not seen, "" one
                           without a name; NULL: none */
    uint64_t last_stamp;
    uint32_t n_threads;
    uint8_t end_how;    /* enum ouro_end, 0: no END record */
    bool exiting;       /* an EXITING record was there */
    int64_t end_status; /* -1: unknown */
    bool cut;           /* the file is shorter than what it claims; one that
                           still grows may be, too */
    struct trace_state *state;
};

/* 0, or -1 with e filled and nothing to close. `path` is kept by reference. */
int trace_open(struct trace *t, const char *path, struct err *e);
void trace_close(struct trace *t);

/* Called for each event, all but STACK, CUT, THREAD, EPOCH, PROCESS, MODULE and
   UNMODULE records and those of unknown kinds; may return non-zero to end the
   walk, which trace_walk then returns. */
typedef int trace_visit(void *to, const struct event *e);

/* 0, -1 with e filled (damage), or what visit returned. */
int trace_walk(struct trace *t, trace_visit *visit, void *to, struct err *e);

/* The same for n >= 1 events at a time, so that a visitor can look ahead. */
typedef int trace_visit_many(void *to, const struct event *events, uint32_t n);
int trace_walk_many(struct trace *t, trace_visit_many *visit, void *to,
                    struct err *e);

/* The same with a second thread that decodes, where one can be had: the visitor
   must not look at t, whose tables grow meanwhile. It pays where the trace is
   long, and there is a processor for it. */
int trace_walk_ahead(struct trace *t, trace_visit_many *visit, void *to,
                     struct err *e);
bool trace_is_long(const struct trace *t);

/* The packed recording that it is read from; NULL: it is a file of its own. */
const char *trace_pack(const struct trace *t);

/* Seconds since recording began. */
double trace_seconds(const struct trace *t, uint64_t stamp);

/* How many stamps are 10 us: how long an impossible event may wait. */
uint64_t trace_patience(const struct trace *t);

/* The module that held ip in that epoch; NULL: none known. After a walk. */
const struct module *trace_module(const struct trace *t, uint64_t ip,
                                  uint32_t epoch);

#endif
