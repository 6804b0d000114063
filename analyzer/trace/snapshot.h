/* SPDX-License-Identifier: MIT */
/*
 * snapshot.h - what memory held, as the trace tells it (ouro_trace.h,
 * SNAPSHOTS)
 *
 * Heads, threads and regions are read when the snapshots are listed; words are
 * read anew in each walk, and never kept: a walk needs the memory of one batch.
 *
 * Invariants: snapshots are in order of their numbers; regions ascend and do
 * not overlap; words ascend, each inside the region that it is told with, at a
 * multiple of 8. What breaks them is damage.
 */
#ifndef ANALYZER_TRACE_SNAPSHOT_H
#define ANALYZER_TRACE_SNAPSHOT_H

#include "arena.h"
#include "trace/trace.h"

struct snapshot_thread {
    uint32_t thread; /* 0: it never had an event */
    uint32_t os_thread;
    uint8_t seen;           /* enum ouro_snap_seen */
    uint64_t sp, sure, end; /* as in ouro_trace.h; end: also where the trace
                               leaves it to the region; 0: no region is there */
    uint64_t tp;            /* 0: not known */
    uint32_t n_registers;
    const uint64_t *registers;
};

struct snapshot_region {
    uint64_t start, len;
    uint8_t what;  /* enum ouro_snap_what */
    uint8_t flags; /* none are known */
    const char *path;
};

struct snapshot {
    uint32_t number;
    uint64_t stamp;
    uint8_t why, mode, flags; /* enum ouro_snap_...; why 0: it was cut short
                                 before anything was said */
    uint32_t epoch;           /* of its modules: trace_module() */
    uint32_t os_thread;       /* that took it */
    uint64_t malloc_at;       /* where the allocator's malloc is */
    int64_t tls;              /* and its thread-local storage */
    uint64_t tls_len;
    const char *name; /* "" but for OURO_SNAPSHOT */
    bool whole;       /* its END is there; the rest comes from it: */
    uint64_t words_read, words_told, unreadable;
    uint64_t pause_ns, ns;
    uint32_t n_threads, n_regions;
    struct snapshot_thread *threads;
    struct snapshot_region *regions;
    uint32_t n_chunks; /* its chunks, in file order */
    uint32_t *chunks;  /* indices into trace.snapshot_chunks */
    uint64_t bytes;    /* of them, heads included */
};

struct snapshots {
    uint32_t n;
    struct snapshot *at;
    struct arena arena;
};

/* All snapshots of an open trace. 0, or -1 with e filled (RC_TRACE: damage).
   Nothing to release after -1. */
int snapshots_read(struct snapshots *s, struct trace *t, struct err *e);
void snapshots_release(struct snapshots *s);

/* The last whole one, or NULL. */
const struct snapshot *snapshots_last(const struct snapshots *s);
/* The same of those up to that stamp. */
const struct snapshot *snapshots_until(const struct snapshots *s,
                                       uint64_t stamp);

/* The region that holds the address, or n_regions. */
uint32_t snapshot_region_at(const struct snapshot *s, uint64_t at);

struct snapshot_word {
    uint64_t at, value;
};

/* A batch of words of one region; may return non-zero to end the walk. */
typedef int snapshot_visit(void *to, uint32_t region,
                           const struct snapshot_word *words, uint32_t n);

/* Every word that the snapshot tells, in order; of one that is not whole, those
   that are there. 0, -1 with e filled, or what visit returned. A long one is
   read by a second thread, where one can be had; this one always. */
int snapshot_walk(struct trace *t, const struct snapshot *s,
                  snapshot_visit *visit, void *to, struct err *e);
int snapshot_walk_ahead(struct trace *t, const struct snapshot *s,
                        snapshot_visit *visit, void *to, struct err *e);

/* Was it taken as the process ended? */
static inline bool snapshot_is_last(const struct snapshot *s)
{
    return s->why != OURO_SNAP_SAID && s->why != OURO_SNAP_ASKED;
}

/* "exit", "OURO_SNAPSHOT", "ouro snapshot", "_exit", "quick_exit", "abort";
   "unknown". */
const char *snapshot_why(const struct snapshot *s);

#endif
