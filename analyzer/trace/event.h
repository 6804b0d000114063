/* SPDX-License-Identifier: MIT */
/*
 * event.h - one record of a trace, decoded
 *
 * Strings and stacks are numbers: ids in the trace's `strings` and `stacks`
 * tables, 0 for none. They mean the same in every chunk and in both passes.
 */
#ifndef ANALYZER_TRACE_EVENT_H
#define ANALYZER_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct event {
    uint64_t stamp;
    uint32_t thread; /* the guest's number of the thread */
    uint32_t stack;  /* where; 0: the record carried none */
    uint32_t text;   /* type, field, name or label */
    uint8_t kind;    /* enum ouro_kind */
    uint8_t flags;   /* NEW_AT: enum ouro_new_flags; END: enum ouro_end;
                        GAP: what */
    bool sealed;     /* its chunk is complete, and all of it is there */
    uint64_t size;   /* bytes; LINK_AT: slot; ACQUIRE, RELEASE: cookie */
    int64_t n;       /* ADD, COUNT, NEW_AT: count; LINK_AT: index; END, EXITING:
                        status;       COLLECT: generation; LOST: events */
    union {
        struct {
            uint64_t a; /* block, object, owner, pool, from */
            uint64_t b; /* target, owned block, memory, p, to */
            uint64_t none;
        };
        uint64_t threshold[3]; /* THRESHOLD; FOLDED, FOLDED_SITE: see
                                  folded_... */
    };
};

_Static_assert(sizeof(struct event) == 64, "an event is a line of the cache");

/* What FOLDED (all of them; size: bytes) and FOLDED_SITE (allocations) say. */
static inline uint64_t folded_events(const struct event *e)
{
    return e->threshold[0];
}

static inline uint64_t folded_allocations(const struct event *e)
{
    return e->threshold[1];
}

static inline uint64_t folded_frees(const struct event *e)
{
    return e->threshold[2];
}

static inline uint64_t folded_peak(const struct event *e)
{
    return (uint64_t)e->n;
}

#endif
