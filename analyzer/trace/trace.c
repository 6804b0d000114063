/* SPDX-License-Identifier: MIT */
#include "trace/trace.h"

#include "trace/layout.h"
#include "trace/state.h"

#include <stdlib.h>

static int by_stamp_then_place(const void *one, const void *other, void *of)
{
    const struct trace_chunk *chunks = of;
    const uint32_t a = *(const uint32_t *)one;
    const uint32_t b = *(const uint32_t *)other;
    const uint64_t stamp_a = chunks[a].first_stamp;
    const uint64_t stamp_b = chunks[b].first_stamp;
    if (stamp_a != stamp_b)
        return stamp_a < stamp_b ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void sort_chunks(struct trace *t)
{
    uint32_t *order = must_calloc(t->n_chunks, sizeof *order);
    for (uint32_t i = 0; i < t->n_chunks; i++)
        order[i] = i;
    qsort_r(order, t->n_chunks, sizeof *order, by_stamp_then_place, t->chunks);
    t->state->by_stamp = order;
}

static int open_source(struct trace *t, struct err *e)
{
    if (source_open(&t->state->source, t->path, e) < 0)
        return -1;
    t->len = t->state->source.len;
    return 0;
}

int trace_open(struct trace *t, const char *path, struct err *e)
{
    *t = (struct trace){.path = path, .exe = "", .cwd = "", .end_status = -1};
    t->state = must_calloc(1, sizeof *t->state);
    t->state->source.fd = -1;
    stacks_init(&t->stacks);
    strings_init(&t->strings);
    if (open_source(t, e) < 0 || layout_read(t, e) < 0) {
        trace_close(t);
        return -1;
    }
    sort_chunks(t);
    return 0;
}

const char *trace_pack(const struct trace *t)
{
    return t->state->source.pack;
}

void trace_close(struct trace *t)
{
    struct trace_state *s = t->state;
    if (s) {
        source_close(&s->source);
        arena_release(&s->arena);
        free(s->by_stamp);
        free(s->threads);
        free(s->suppressions);
        free(s->gone);
        free(s->by_start);
        free(s->reach);
    }
    free(s);
    free(t->chunks);
    free(t->snapshot_chunks);
    free(t->modules);
    stacks_release(&t->stacks);
    strings_release(&t->strings);
    *t = (struct trace){0};
}
