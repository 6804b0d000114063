/* SPDX-License-Identifier: MIT */
#include "trace/ahead.h"
#include "trace/snapshot.h"
#include "trace/snapshot_records.h"

#include <stdlib.h>

/* A piece that goes from thread to thread is longer than what is visited. */
enum { BATCH = 4096, LONG_PIECE = 4 * BATCH };

struct piece {
    uint32_t region, n;
    struct snapshot_word at[LONG_PIECE];
};

struct walk {
    struct snapshot_reader r;
    const struct snapshot *s;
    uint32_t n_regions; /* begun; words are of the last one */
    uint64_t n_words;
    struct piece *piece; /* words that were not visited */
    uint32_t most;       /* words in a piece */
    struct ahead *ahead; /* who has it; NULL: these: */
    snapshot_visit *visit;
    void *to;
};

/* The words are visited, now or later. */
static int flush(struct walk *w)
{
    const uint32_t n = w->piece->n;
    if (n == 0)
        return 0;
    w->piece->region = w->n_regions - 1;
    if (w->ahead) {
        w->piece = ahead_put(w->ahead);
        if (!w->piece)
            return 1;
    }
    w->piece->n = 0;
    return w->ahead ? 0 : w->visit(w->to, w->piece->region, w->piece->at, n);
}

static int walk_words(struct walk *w)
{
    int n;
    while ((n = snapshot_reader_words(&w->r, w->piece->at + w->piece->n, NULL,
                                      w->most - w->piece->n)) > 0) {
        w->piece->n += (uint32_t)n;
        w->n_words += (uint32_t)n;
        const int stop = w->piece->n == w->most ? flush(w) : 0;
        if (stop)
            return stop;
    }
    return n;
}

/* It was listed: where it now has other records, somebody writes to it. */
static int walk_record(struct walk *w)
{
    if (w->r.kind == OURO_SNAP_WORDS && w->n_regions > 0)
        return walk_words(w);
    if (w->r.kind != OURO_SNAP_REGION)
        return 0;
    const int stop = flush(w);
    if (stop || w->n_regions++ < w->s->n_regions)
        return stop;
    return snapshot_reader_damaged(&w->r, "a region that was not there before");
}

static int walk_all(struct walk *w)
{
    int more;
    while ((more = snapshot_reader_next(&w->r)) > 0) {
        const int stop = walk_record(w);
        if (stop)
            return stop;
    }
    if (more < 0)
        return more;
    if (w->s->whole && w->n_words != w->s->words_told)
        return snapshot_reader_damaged(
            &w->r, "a snapshot ends with another number of words");
    return flush(w);
}

static int walk_here(struct walk *w)
{
    struct piece *piece =
        must_realloc(NULL, 1, offsetof(struct piece, at[BATCH]));
    w->piece = piece;
    w->most = BATCH;
    w->piece->n = 0;
    const int stop = walk_all(w);
    free(piece);
    return stop;
}

static int make(void *of, struct ahead *a)
{
    struct walk *w = of;
    w->ahead = a;
    w->piece = ahead_slot(a);
    w->piece->n = 0;
    w->most = LONG_PIECE;
    return walk_all(w);
}

static int use(void *to, const void *slot)
{
    const struct walk *w = to;
    const struct piece *p = slot;
    int stop = 0;
    for (uint32_t i = 0; i < p->n && !stop; i += BATCH)
        stop = w->visit(w->to, p->region, p->at + i,
                        p->n - i < BATCH ? p->n - i : BATCH);
    return stop;
}

int snapshot_walk(struct trace *t, const struct snapshot *s,
                  snapshot_visit *visit, void *to, struct err *e)
{
    enum { LONG = 2 << 20 };
    if (s->bytes >= LONG && ahead_helps())
        return snapshot_walk_ahead(t, s, visit, to, e);
    struct walk w = {.s = s, .visit = visit, .to = to};
    snapshot_reader_open(&w.r, t, s->chunks, s->n_chunks, NULL, e);
    const int stop = walk_here(&w);
    snapshot_reader_close(&w.r);
    return stop;
}

int snapshot_walk_ahead(struct trace *t, const struct snapshot *s,
                        snapshot_visit *visit, void *to, struct err *e)
{
    struct err later = {0};
    struct walk w = {.s = s, .visit = visit, .to = to};
    int made = 0;
    int stop = 0;
    snapshot_reader_open(&w.r, t, s->chunks, s->n_chunks, NULL, &later);
    if (!ahead_run(sizeof(struct piece), make, &w, &made, use, &w, &stop))
        made = walk_here(&w);
    snapshot_reader_close(&w.r);
    if (stop == 0 && made < 0)
        *e = later;
    return stop ? stop : made;
}
