/* SPDX-License-Identifier: MIT */
/*
 * The merge: a heap of the chunks that are open, by (stamp of their next event,
 * place in the file). A chunk is opened when the walk reaches its first stamp
 * and closed at its last event, so as many are open as threads ran at one time.
 * The one at the top goes on without touching the heap until it passes the
 * limit: the next one in the heap, or the next one to be opened. Its events are
 * decoded into the batch, where the visitor finds them; only the first one that
 * is not yet due is kept in the lane.
 */
#include "trace/kinds.h"
#include "trace/layout.h"
#include "trace/state.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BATCH = 128 };

struct lane {
    struct decoder decoder;
    struct event event; /* its next one, while it is in the heap */
    uint32_t chunk;     /* index in trace.chunks */
};

struct turn {
    uint64_t stamp;
    uint32_t chunk;
    struct lane *lane;
};

struct walk {
    struct trace *t;
    struct err *err;
    bool first; /* nothing has been noted yet */
    uint32_t n_begun;
    uint32_t n, room;
    struct turn *heap;
    trace_visit_many *visit;
    void *to;
    uint32_t n_batch; /* events that are due, and were not visited */
    struct event batch[BATCH];
};

static bool is_before(const struct turn *a, const struct turn *b)
{
    if (a->stamp != b->stamp)
        return a->stamp < b->stamp;
    return a->chunk < b->chunk;
}

static void sift_up(struct walk *w, uint32_t i)
{
    const struct turn turn = w->heap[i];
    while (i > 0) {
        const uint32_t parent = (i - 1) / 2;
        if (!is_before(&turn, &w->heap[parent]))
            break;
        w->heap[i] = w->heap[parent];
        i = parent;
    }
    w->heap[i] = turn;
}

static void sift_down(struct walk *w)
{
    const struct turn turn = w->heap[0];
    uint32_t i = 0;
    for (uint32_t child = 1; child < w->n; child = 2 * i + 1) {
        if (child + 1 < w->n && is_before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!is_before(&w->heap[child], &turn))
            break;
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = turn;
}

/* The next event that a visitor sees: 1, 0 at the end, -1 where damaged. */
static int advance(struct walk *w, struct decoder *d, struct event *e)
{
    for (;;) {
        const enum decoded got = decode_next(d, e);
        if (got == DECODED_END)
            return 0;
        if (got == DECODED_DAMAGE)
            return err_set(w->err, "%s: byte %" PRIu64 ": %s", w->t->path,
                           d->start, d->fault);
        if (e->kind == OURO_STACK)
            continue;
        if (w->first)
            notes_record(w->t, d, e);
        if (kinds[e->kind].told)
            return 1;
    }
}

static void close_lane(struct lane *lane)
{
    decode_close(&lane->decoder);
    free(lane);
}

/* All of a chunk at once, unless that would be too much for all that are open.
 */
static size_t window(const struct walk *w, const struct trace_chunk *c)
{
    enum { FEW = 64, SHORT = 1 << 20 };
    if (w->n < FEW && c->len <= SHORT)
        return (size_t)c->len;
    return 0;
}

/* What is in the window need not be read twice. */
static int verify(const struct walk *w, const struct trace_chunk *c,
                  struct cursor *in)
{
    if (in->room >= c->len && cursor_need(in, (size_t)c->len))
        return layout_verify_bytes(w->t, c, in->at, w->err);
    return layout_verify(w->t, c, w->err);
}

static int open_chunk(struct walk *w, uint32_t chunk)
{
    const struct trace_chunk *c = &w->t->chunks[chunk];
    struct lane *lane = must_calloc(1, sizeof *lane);
    lane->chunk = chunk;
    decode_open(&lane->decoder, w->t, c, window(w, c));
    int more = w->first ? verify(w, c, &lane->decoder.in) : 0;
    if (more == 0)
        more = advance(w, &lane->decoder, &lane->event);
    if (more <= 0) {
        close_lane(lane);
        return more;
    }
    GROW(w->heap, w->n, w->room);
    w->heap[w->n] = (struct turn){lane->event.stamp, chunk, lane};
    sift_up(w, w->n++);
    return 0;
}

/* Opens what may hold an event that comes before the top's. */
static int open_due(struct walk *w)
{
    const struct trace *t = w->t;
    while (w->n_begun < t->n_chunks) {
        const uint32_t chunk = t->state->by_stamp[w->n_begun];
        if (w->n > 0 && t->chunks[chunk].first_stamp > w->heap[0].stamp)
            break;
        w->n_begun++;
        if (open_chunk(w, chunk) < 0)
            return -1;
    }
    return 0;
}

/* The top's events come next as long as they are before this. */
static struct turn limit(const struct walk *w)
{
    struct turn at = {.stamp = UINT64_MAX, .chunk = UINT32_MAX};
    for (uint32_t i = 1; i <= 2 && i < w->n; i++)
        if (is_before(&w->heap[i], &at))
            at = w->heap[i];
    if (w->n_begun < w->t->n_chunks) {
        const uint32_t chunk = w->t->state->by_stamp[w->n_begun];
        const struct turn next = {.stamp = w->t->chunks[chunk].first_stamp};
        if (is_before(&next, &at))
            at = next;
    }
    return at;
}

/* The batch is visited. */
static int deliver(struct walk *w)
{
    const uint32_t n = w->n_batch;
    w->n_batch = 0;
    return n > 0 ? w->visit(w->to, w->batch, n) : 0;
}

/* The top's lane is at its end. */
static void drop_top(struct walk *w)
{
    close_lane(w->heap[0].lane);
    w->heap[0] = w->heap[--w->n];
}

/* What is plain, before that stamp, goes into the batch. */
static void add_plain(struct walk *w, struct decoder *d, uint64_t stamp)
{
    const uint32_t n =
        decode_plain(d, &w->batch[w->n_batch], BATCH - w->n_batch, stamp);
    if (w->first && n > 0)
        notes_plain(w->t, n, &w->batch[w->n_batch + n - 1]);
    w->n_batch += n;
}

/* The top's events up to the limit. */
static int run_top(struct walk *w)
{
    const struct turn end = limit(w);
    struct turn turn = w->heap[0];
    struct lane *lane = turn.lane;
    int more;
    w->batch[w->n_batch] = lane->event;
    do {
        w->n_batch++;
        add_plain(w, &lane->decoder, end.stamp);
        const int stop = w->n_batch == BATCH ? deliver(w) : 0;
        if (stop)
            return stop;
        more = advance(w, &lane->decoder, &w->batch[w->n_batch]);
        turn.stamp = w->batch[w->n_batch].stamp;
    } while (more > 0 && is_before(&turn, &end));
    if (more < 0)
        return -1;
    if (more > 0) {
        w->heap[0].stamp = turn.stamp;
        lane->event = w->batch[w->n_batch];
    } else {
        drop_top(w);
    }
    if (w->n > 0)
        sift_down(w);
    return 0;
}

static int merge(struct walk *w)
{
    for (;;) {
        int stop = open_due(w);
        if (stop || w->n == 0)
            return stop;
        stop = run_top(w);
        if (stop)
            return stop;
    }
}

/* What came before the damage, or the end, is visited all the same. */
static int walk(struct walk *w)
{
    const int stop = merge(w);
    const int stop_later = stop <= 0 ? deliver(w) : 0;
    return stop_later ? stop_later : stop;
}

int trace_walk_many(struct trace *t, trace_visit_many *visit, void *to,
                    struct err *e)
{
    struct walk w = {
        .t = t,
        .err = e,
        .first = !t->state->walked,
        .visit = visit,
        .to = to,
    };
    if (w.first)
        notes_begin(t);
    const int stop = walk(&w);
    while (w.n > 0)
        close_lane(w.heap[--w.n].lane);
    free(w.heap);
    if (w.first && stop == 0)
        notes_end(t);
    return stop;
}

struct each {
    trace_visit *visit;
    void *to;
};

static int visit_each(void *to, const struct event *events, uint32_t n)
{
    const struct each *each = to;
    for (uint32_t i = 0; i < n; i++) {
        const int stop = each->visit(each->to, &events[i]);
        if (stop)
            return stop;
    }
    return 0;
}

int trace_walk(struct trace *t, trace_visit *visit, void *to, struct err *e)
{
    return trace_walk_many(t, visit_each, &(struct each){visit, to}, e);
}
