/* SPDX-License-Identifier: MIT */
#include "trace/snapshot.h"

#include "trace/layout.h"
#include "trace/snapshot_records.h"

#include <stdlib.h>

/* One snapshot's records, while they are listed. */
struct listing {
    struct snapshot_reader r;
    bool begun, ended;
    uint32_t n_threads, room_threads, n_regions, room_regions;
    struct snapshot_thread *threads;
    struct snapshot_region *regions;
};

static int add_region(struct listing *l)
{
    if (l->n_regions > 0) {
        const struct snapshot_region *last = &l->regions[l->n_regions - 1];
        if (l->r.region.start < last->start + last->len)
            return snapshot_reader_damaged(
                &l->r, "a region that begins before the last one's end");
    }
    if (l->n_regions == UINT32_MAX / 2)
        return snapshot_reader_damaged(&l->r, "too many regions");
    GROW(l->regions, l->n_regions, l->room_regions);
    l->regions[l->n_regions++] = l->r.region;
    return 0;
}

static int add_thread(struct listing *l)
{
    if (l->n_regions > 0)
        return snapshot_reader_damaged(&l->r, "a thread behind a region");
    if (l->n_threads == UINT32_MAX / 2)
        return snapshot_reader_damaged(&l->r, "too many threads");
    GROW(l->threads, l->n_threads, l->room_threads);
    l->threads[l->n_threads++] = l->r.thread;
    return 0;
}

static int begin(struct listing *l)
{
    if (l->begun)
        return snapshot_reader_damaged(&l->r, "a snapshot begins twice");
    l->begun = true;
    return 0;
}

static int end(struct listing *l)
{
    if (l->r.told.n_regions != l->n_regions)
        return snapshot_reader_damaged(
            &l->r, "a snapshot ends with another number of regions");
    l->ended = true;
    return 0;
}

static int add_record(struct listing *l)
{
    const unsigned kind = l->r.kind;
    if (kind > OURO_SNAP_END)
        return 0;
    if (!l->begun && kind != OURO_SNAP_BEGIN)
        return snapshot_reader_damaged(
            &l->r, "a snapshot that does not begin with its head");
    if (l->ended)
        return snapshot_reader_damaged(&l->r, "a snapshot goes on behind its "
                                              "end");
    switch (kind) {
    case OURO_SNAP_BEGIN:
        return begin(l);
    case OURO_SNAP_THREAD:
        return add_thread(l);
    case OURO_SNAP_REGION:
        return add_region(l);
    case OURO_SNAP_END:
        return end(l);
    default:
        if (l->n_regions == 0)
            return snapshot_reader_damaged(&l->r, "words before any region");
        return 0;
    }
}

/* Of a stack that grew down to its mapping's start, sp less a margin is in
   front of it: `sure` says where the stack is. */
static void find_end(const struct snapshot *s, struct snapshot_thread *thread)
{
    const uint64_t place = thread->sure ? thread->sure : thread->sp;
    const uint32_t at = snapshot_region_at(s, place);
    const struct snapshot_region *region =
        at < s->n_regions ? &s->regions[at] : NULL;
    if (thread->end == 0 && place != 0 && region)
        thread->end = region->start + region->len;
}

static void keep(struct snapshot *s, const struct listing *l, struct arena *a)
{
    const struct snapshot chunks = *s;
    *s = l->r.told;
    s->number = chunks.number;
    s->stamp = chunks.stamp;
    s->n_chunks = chunks.n_chunks;
    s->chunks = chunks.chunks;
    s->bytes = chunks.bytes;
    s->whole = l->ended;
    s->n_threads = l->n_threads;
    s->n_regions = l->n_regions;
    s->threads = ARENA_ARRAY(a, s->n_threads, struct snapshot_thread);
    s->regions = ARENA_ARRAY(a, s->n_regions, struct snapshot_region);
    if (s->n_threads > 0)
        memcpy(s->threads, l->threads, s->n_threads * sizeof *s->threads);
    if (s->n_regions > 0)
        memcpy(s->regions, l->regions, s->n_regions * sizeof *s->regions);
    for (uint32_t i = 0; i < s->n_threads; i++)
        find_end(s, &s->threads[i]);
}

/* What its chunks' heads say is there already. */
static int list(struct snapshot *s, const struct trace *t, struct arena *a,
                struct err *e)
{
    struct listing l = {0};
    int more;
    snapshot_reader_open(&l.r, t, s->chunks, s->n_chunks, a, e);
    l.r.told.name = "";
    while ((more = snapshot_reader_next(&l.r)) > 0)
        if (add_record(&l) < 0) {
            more = -1;
            break;
        }
    if (more == 0)
        keep(s, &l, a);
    snapshot_reader_close(&l.r);
    free(l.threads);
    free(l.regions);
    return more;
}

static int by_number_then_place(const void *one, const void *other, void *of)
{
    const struct trace_chunk *chunks = of;
    const uint32_t a = *(const uint32_t *)one;
    const uint32_t b = *(const uint32_t *)other;
    if (chunks[a].thread != chunks[b].thread)
        return chunks[a].thread < chunks[b].thread ? -1 : 1;
    return a < b ? -1 : a > b;
}

static int chunk_damaged(const struct trace *t, const struct trace_chunk *chunk,
                         struct err *e)
{
    struct snapshot_reader r = {.t = t, .err = e, .start = chunk->offset};
    return snapshot_reader_damaged(
        &r, "a snapshot's chunk of another moment than its first one");
}

/* `order` has all chunks that are left: takes the first snapshot's. */
static int take_chunks(struct snapshot *s, const struct trace *t,
                       uint32_t *order, uint32_t n, struct err *e)
{
    const struct trace_chunk *first = &t->snapshot_chunks[order[0]];
    *s = (struct snapshot){
        .number = first->thread,
        .stamp = first->first_stamp,
        .chunks = order,
    };
    for (; s->n_chunks < n; s->n_chunks++) {
        const struct trace_chunk *chunk =
            &t->snapshot_chunks[order[s->n_chunks]];
        if (chunk->thread != s->number)
            break;
        if (chunk->first_stamp != s->stamp)
            return chunk_damaged(t, chunk, e);
        if (layout_verify(t, chunk, e) < 0)
            return -1;
        s->bytes += sizeof(struct ouro_chunk) + chunk->len;
    }
    return 0;
}

int snapshots_read(struct snapshots *s, struct trace *t, struct err *e)
{
    const uint32_t n = t->n_snapshot_chunks;
    *s = (struct snapshots){0};
    uint32_t *order = ARENA_ARRAY(&s->arena, n, uint32_t);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_number_then_place, t->snapshot_chunks);
    s->at = ARENA_ARRAY(&s->arena, n, struct snapshot);
    for (uint32_t i = 0; i < n; i += s->at[s->n++].n_chunks) {
        struct snapshot *one = &s->at[s->n];
        if (take_chunks(one, t, order + i, n - i, e) < 0 ||
            list(one, t, &s->arena, e) < 0) {
            snapshots_release(s);
            return -1;
        }
    }
    return 0;
}

void snapshots_release(struct snapshots *s)
{
    arena_release(&s->arena);
    *s = (struct snapshots){0};
}

uint32_t snapshot_region_at(const struct snapshot *s, uint64_t at)
{
    uint32_t low = 0;
    uint32_t high = s->n_regions;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct snapshot_region *r = &s->regions[middle];
        if (at >= r->start && at - r->start < r->len)
            return middle;
        if (at < r->start)
            high = middle;
        else
            low = middle + 1;
    }
    return s->n_regions;
}

const struct snapshot *snapshots_last(const struct snapshots *s)
{
    return snapshots_until(s, UINT64_MAX);
}

const struct snapshot *snapshots_until(const struct snapshots *s,
                                       uint64_t stamp)
{
    for (uint32_t i = s->n; i > 0; i--)
        if (s->at[i - 1].whole && s->at[i - 1].stamp <= stamp)
            return &s->at[i - 1];
    return NULL;
}

const char *snapshot_why(const struct snapshot *s)
{
    static const char *const why[] = {
        [OURO_SNAP_EXIT] = "exit",           [OURO_SNAP_SAID] = "OURO_SNAPSHOT",
        [OURO_SNAP_ASKED] = "ouro snapshot", [OURO_SNAP__EXIT] = "_exit",
        [OURO_SNAP_QUICK] = "quick_exit",    [OURO_SNAP_ABORT] = "abort",
    };
    if (s->why >= sizeof why / sizeof why[0] || !why[s->why])
        return "unknown";
    return why[s->why];
}
