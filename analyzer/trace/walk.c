/* SPDX-License-Identifier: MIT */
/*
 * The merge: a heap of the chunks that are open, by (stamp of their next event,
 * place in the file). A chunk is opened when the walk reaches its first stamp
 * and closed at its last event, so as many are open as threads ran at one time.
 * The one at the top goes on without touching the heap until it passes the
 * limit: the next one in the heap, or the next one to be opened. Its events are
 * decoded into the batch, where the visitor finds them; only the first one that
 * is not yet due is kept in the lane.
 *
 * Ahead: the same on a second thread, whose batches are longer, and visited in
 * pieces as long as here.
 */
#include "trace/ahead.h"
#include "trace/kinds.h"
#include "trace/layout.h"
#include "trace/state.h"

#include <inttypes.h>
#include <stdlib.h>

enum { BATCH = 128, LONG_BATCH = 32 * BATCH };

/* Events that are due, and were not visited. */
struct batch {
    uint32_t n;
    struct event at[LONG_BATCH];
};

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
    struct batch *batch;
    uint32_t most;       /* events in a batch */
    struct ahead *ahead; /* who has it; NULL: these: */
    trace_visit_many *visit;
    void *to;
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

/* The batch is visited, now or later. */
static int deliver(struct walk *w)
{
    const uint32_t n = w->batch->n;
    if (n > 0 && w->ahead) {
        w->batch = ahead_put(w->ahead);
        if (!w->batch)
            return 1;
    }
    w->batch->n = 0;
    return n > 0 && !w->ahead ? w->visit(w->to, w->batch->at, n) : 0;
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
    struct batch *b = w->batch;
    const uint32_t n = decode_plain(d, &b->at[b->n], w->most - b->n, stamp);
    if (w->first && n > 0)
        notes_plain(w->t, &b->at[b->n], n);
    b->n += n;
}

/* The top's events up to the limit. */
static int run_top(struct walk *w)
{
    const struct turn end = limit(w);
    struct turn turn = w->heap[0];
    struct lane *lane = turn.lane;
    int more;
    w->batch->at[w->batch->n] = lane->event;
    do {
        w->batch->n++;
        add_plain(w, &lane->decoder, end.stamp);
        const int stop = w->batch->n == w->most ? deliver(w) : 0;
        if (stop)
            return stop;
        more = advance(w, &lane->decoder, &w->batch->at[w->batch->n]);
        turn.stamp = w->batch->at[w->batch->n].stamp;
    } while (more > 0 && is_before(&turn, &end));
    if (more < 0)
        return -1;
    if (more > 0) {
        w->heap[0].stamp = turn.stamp;
        lane->event = w->batch->at[w->batch->n];
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

static int walk_here(struct walk *w)
{
    struct batch *batch =
        must_realloc(NULL, 1, offsetof(struct batch, at[BATCH]));
    w->batch = batch;
    w->batch->n = 0;
    w->most = BATCH;
    const int stop = walk(w);
    free(batch);
    return stop;
}

static int make(void *of, struct ahead *a)
{
    struct walk *w = of;
    w->ahead = a;
    w->batch = ahead_slot(a);
    w->batch->n = 0;
    w->most = LONG_BATCH;
    return walk(w);
}

static int use(void *to, const void *slot)
{
    const struct walk *w = to;
    const struct batch *b = slot;
    int stop = 0;
    for (uint32_t i = 0; i < b->n && !stop; i += BATCH)
        stop = w->visit(w->to, b->at + i, b->n - i < BATCH ? b->n - i : BATCH);
    return stop;
}

static void begin(struct walk *w)
{
    w->first = !w->t->state->walked;
    if (w->first)
        notes_begin(w->t);
}

static int end(struct walk *w, int stop)
{
    while (w->n > 0)
        close_lane(w->heap[--w->n].lane);
    free(w->heap);
    if (w->first && stop == 0)
        notes_end(w->t);
    return stop;
}

int trace_walk_many(struct trace *t, trace_visit_many *visit, void *to,
                    struct err *e)
{
    struct walk w = {.t = t, .err = e, .visit = visit, .to = to};
    begin(&w);
    return end(&w, walk_here(&w));
}

int trace_walk_ahead(struct trace *t, trace_visit_many *visit, void *to,
                     struct err *e)
{
    struct err later = {0};
    struct walk w = {.t = t, .err = &later, .visit = visit, .to = to};
    int made = 0;
    int stop = 0;
    begin(&w);
    if (!ahead_run(sizeof(struct batch), make, &w, &made, use, &w, &stop))
        made = walk_here(&w);
    if (stop == 0 && made < 0)
        *e = later;
    return end(&w, stop ? stop : made);
}

bool trace_is_long(const struct trace *t)
{
    enum { LONG = 4 << 20 };
    return t->len >= LONG && ahead_helps();
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
