/* SPDX-License-Identifier: MIT */
#include "shadow/run.h"

#include "shadow/plain_blocks.h"

static bool has_threads(const struct trace *t)
{
    for (uint32_t i = 1; i < t->n_chunks; i++)
        if (t->chunks[i].thread != t->chunks[0].thread)
            return true;
    return false;
}

struct up_to {
    struct replay *r;
    uint64_t stamp;
    uint64_t catch_at; /* behind this one the blocks are caught */
    uint32_t thread;   /* of the first event; 0: there was none yet */
};

/* What frees hands out nothing that could be caught. */
static inline void catch_pages(struct replay *r, const struct event *e)
{
    if (e->kind == OURO_FREE || !r->caught.wanted)
        return;
    if (e->kind >= OURO_ALLOC && e->kind < OURO_PROCESS &&
        e->size < CAUGHT_LARGE)
        caught_note_small(&r->caught.pages, e->a, e->size);
    else
        caught_event(r, e);
}

/* Chunks change hands: their heads do not name every thread. */
static inline void notice(struct up_to *limit, const struct event *e)
{
    if (limit->thread == 0)
        limit->thread = e->thread;
    if (e->thread != limit->thread)
        limit->r->waits = true;
    catch_pages(limit->r, e);
}

static void apply(struct up_to *limit, const struct event *e)
{
    notice(limit, e);
    replay_apply(limit->r, e);
}

static void apply_all(struct up_to *limit, const struct event *events,
                      uint32_t n)
{
    bool plain = plain_blocks_may(limit->r);
    for (uint32_t i = 0; i < n; i++) {
        notice(limit, &events[i]);
        if (plain && plain_blocks_apply(limit->r, &events[i]))
            continue;
        replay_apply(limit->r, &events[i]);
        plain = plain && plain_blocks_may(limit->r);
    }
}

/* Those among which the moment comes, or the end. */
static void visit_limit(struct up_to *limit, const struct event *events,
                        uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct event *e = &events[i];
        if (e->stamp > limit->catch_at && limit->r->caught.wanted)
            caught_take(limit->r);
        if (e->stamp <= limit->stamp)
            apply(limit, e);
    }
}

/* What comes later is read all the same: so the trace says all about itself. */
static int visit(void *to, const struct event *events, uint32_t n)
{
    struct up_to *limit = to;
    const uint64_t last = events[n - 1].stamp;
    replay_expect(limit->r, events, n);
    if (last > limit->stamp || last > limit->catch_at) {
        visit_limit(limit, events, n);
        return 0;
    }
    apply_all(limit, events, n);
    return 0;
}

static int visit_up_to(void *to, const struct event *events, uint32_t n)
{
    struct up_to *limit = to;
    replay_expect(limit->r, events, n);
    for (uint32_t i = 0; i < n; i++) {
        if (events[i].stamp > limit->stamp)
            return 1;
        apply(limit, &events[i]);
    }
    return 0;
}

static void prepare(struct replay *r, const struct trace *t)
{
    r->waits = has_threads(t);
    r->patience = trace_patience(t);
}

/* Without a listener nobody looks at the trace meanwhile. */
static int walk(struct replay *r, struct trace *t, trace_visit_many *visitor,
                struct up_to *limit, struct err *e)
{
    if (!r->listener && trace_is_long(t))
        return trace_walk_ahead(t, visitor, limit, e);
    return trace_walk_many(t, visitor, limit, e);
}

static int run_parent(struct replay *r, struct trace *t, struct trace *parent,
                      struct err *e)
{
    prepare(r, parent);
    struct up_to limit = {.r = r, .stamp = t->header.fork_stamp};
    if (walk(r, parent, visit_up_to, &limit, e) < 0)
        return -1;
    replay_finish(r);
    replay_fork(r, &parent->strings, &t->strings);
    return 0;
}

int run_trace(struct replay *r, struct trace *t, struct trace *parent,
              const struct listener *listener, const struct gc_options *o,
              struct err *e)
{
    replay_init(r, o);
    r->listener = listener;
    if (parent && run_parent(r, t, parent, e) < 0)
        return -1;
    prepare(r, t);
    r->forked = t->header.parent_pid != 0;
    r->certain = t->header.lost_events == 0;
    r->needs_parent = false;
    struct up_to limit = {
        .r = r,
        .stamp = o && o->ends ? o->until : UINT64_MAX,
        .catch_at = r->caught.wanted ? r->caught.stamp : UINT64_MAX,
    };
    if (walk(r, t, visit, &limit, e) < 0)
        return -1;
    replay_finish(r);
    if (r->caught.wanted)
        caught_take(r);
    return 0;
}
