/* SPDX-License-Identifier: MIT */
#include "trace/state.h"

/* What a clock is taken for when too little was recorded to tell its rate. */
#define USUAL_STAMPS_PER_NS 3.0

/* With COUNTER clocks stamps are no time: how many events of other threads may
   come between the two halves of one. */
enum { COUNTER_PATIENCE = 64 };

enum { PATIENCE_NS = 10 * 1000, SHORTEST_NS = 10 * 1000 };

static double stamps_per_ns(const struct trace *t)
{
    const struct ouro_trace_header *h = &t->header;
    if (h->last_stamp <= h->start_stamp || h->last_ns <= h->start_ns ||
        h->last_ns - h->start_ns < SHORTEST_NS)
        return USUAL_STAMPS_PER_NS;
    return (double)(h->last_stamp - h->start_stamp) /
           (double)(h->last_ns - h->start_ns);
}

/* The chunk that began last before or at this stamp; NULL: none. */
static const struct trace_chunk *chunk_before(const struct trace *t,
                                              uint64_t stamp)
{
    const uint32_t *order = t->state->by_stamp;
    uint32_t low = 0;
    uint32_t high = t->n_chunks;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (t->chunks[order[middle]].first_stamp <= stamp)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &t->chunks[order[low - 1]] : NULL;
}

double trace_seconds(const struct trace *t, uint64_t stamp)
{
    const struct ouro_trace_header *h = &t->header;
    if (h->clock == OURO_CLOCK_COUNTER) {
        const struct trace_chunk *chunk = chunk_before(t, stamp);
        if (!chunk || chunk->ns <= h->start_ns)
            return 0;
        return (double)(chunk->ns - h->start_ns) / 1e9;
    }
    if (stamp <= h->start_stamp)
        return 0;
    return (double)(stamp - h->start_stamp) / stamps_per_ns(t) / 1e9;
}

uint64_t trace_patience(const struct trace *t)
{
    if (t->header.clock == OURO_CLOCK_COUNTER)
        return COUNTER_PATIENCE;
    const double stamps = stamps_per_ns(t) * PATIENCE_NS;
    if (stamps < 1)
        return 1;
    return stamps < 1e12 ? (uint64_t)stamps : (uint64_t)1e12;
}
