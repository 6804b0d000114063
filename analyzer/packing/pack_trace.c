/* SPDX-License-Identifier: MIT */
#include "packing/pack_trace.h"

#include "arena.h"
#include "pack/model.h"
#include "pack/packed_parts.h"
#include "trace/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct packed_chunk {
    bool is_taken; /* by the model */
    uint64_t place;
    struct ouro_chunk head;
};

struct pack_block {
    uint64_t offset, len, n;
    bool begins;
};

struct job {
    struct container *to;
    struct trace *t;
    struct pace *pace;
    struct pack_sums *sums;
    struct err *e;
    struct packed_chunk *chunks; /* by index in t->chunks */
    struct model *model;         /* NULL: the next chunk begins one */
    bool begins;                 /* the open block does */
    uint64_t n_places, n_in_block;
    struct columns block, chunk; /* open; the chunk's, until it fits */
    uint32_t n_blocks, room_blocks;
    struct pack_block *blocks;
    struct record_reader reader;
    struct record_writer writer;
    struct record_frame frames[RECORD_MAX_FRAMES];
    unsigned char *bytes; /* of the open chunk */
    uint64_t last;        /* the latest stamp of the chunks so far ... */
    uint32_t last_chunk;  /* ... and whose it is */
};

static void flush_block(struct job *j)
{
    struct seekable_writer *to = &j->to->bytes;
    struct column lengths = {0};
    if (j->n_in_block == 0)
        return;
    for (int i = 0; i < N_COLUMNS; i++)
        columns_put_number(&lengths, j->block.of[i].n);
    seekable_cut(to);
    const uint64_t packed = seekable_packed(to);
    GROW(j->blocks, j->n_blocks, j->room_blocks);
    struct pack_block *b = &j->blocks[j->n_blocks++];
    *b = (struct pack_block){
        .offset = seekable_offset(to), .n = j->n_in_block, .begins = j->begins};
    seekable_put(to, lengths.bytes, lengths.n);
    for (int i = 0; i < N_COLUMNS; i++)
        seekable_put(to, j->block.of[i].bytes, j->block.of[i].n);
    b->len = lengths.n + columns_size(&j->block);
    seekable_cut(to);
    j->to->packed_events += seekable_packed(to) - packed;
    free(lengths.bytes);
    columns_clear(&j->block);
    j->n_in_block = 0;
    j->begins = false;
}

/* Room for the columns' lengths. */
enum { BLOCK_HEAD = 5 * N_COLUMNS };

/* The chunk's columns, behind those of the block. */
static bool append_chunk(struct job *j)
{
    const size_t n = columns_size(&j->chunk);
    if (n > SEEKABLE_FRAME - BLOCK_HEAD)
        return false;
    if (columns_size(&j->block) + n > SEEKABLE_FRAME - BLOCK_HEAD)
        flush_block(j);
    for (int i = 0; i < N_COLUMNS; i++)
        columns_bytes(&j->block, (enum column_name)i, j->chunk.of[i].bytes,
                      j->chunk.of[i].n);
    j->n_in_block++;
    return true;
}

/* Does another chunk hold events between this one's first and last? */
static bool is_overlapped(const struct job *j, uint32_t nth, uint64_t last)
{
    const struct trace *t = j->t;
    const uint32_t *order = t->state->by_stamp;
    const uint32_t i = order[nth];
    const uint64_t first = t->chunks[i].first_stamp;
    if (nth > 0 && (j->last > first || (j->last == first && j->last_chunk > i)))
        return true;
    if (nth + 1 == t->n_chunks)
        return false;
    const uint32_t next = order[nth + 1];
    const uint64_t then = t->chunks[next].first_stamp;
    return then < last || (then == last && next < i);
}

static void begin_reading(struct job *j, const struct trace_chunk *chunk)
{
    record_reader_begin(&j->reader, j->bytes, (size_t)chunk->len,
                        chunk->first_stamp);
}

/* How many records, and their last stamp; false: the model does not take it. */
static bool look_through(struct job *j, const struct trace_chunk *chunk,
                         uint64_t *n)
{
    struct record r = {.frames = j->frames};
    *n = 0;
    begin_reading(j, chunk);
    while (record_read(&j->reader, &r))
        ++*n;
    return !j->reader.fault;
}

static bool read_chunk(struct job *j, const struct trace_chunk *chunk,
                       struct packed_chunk *to)
{
    const struct source *from = &j->t->state->source;
    return source_read(from, &to->head, sizeof to->head, chunk->offset) &&
           source_read(from, j->bytes, (size_t)chunk->len,
                       chunk->offset + sizeof to->head);
}

static void note_sum(struct job *j, const struct trace_chunk *chunk)
{
    GROW(j->sums->at, j->sums->n, j->sums->room);
    j->sums->at[j->sums->n++] = (struct pack_sum){
        chunk->offset + sizeof(struct ouro_chunk), j->writer.n,
        ouro_checksum(j->writer.bytes, j->writer.n)};
}

/* Through the model. The head then tells of what unpacking will give. */
static bool code_chunk(struct job *j, const struct trace_chunk *chunk,
                       uint64_t n, bool exact, struct ouro_chunk *head)
{
    struct model_chunk k = {.model = j->model,
                            .columns = &j->chunk,
                            .tick = j->pace->tick,
                            .exact = exact || j->pace->tick == 0};
    struct record r = {.frames = j->frames};
    columns_clear(&j->chunk);
    columns_number(&j->chunk, COLUMN_CHUNK, n);
    columns_number(&j->chunk, COLUMN_CHUNK, k.exact);
    pace_begin(j->pace, chunk->first_stamp, exact);
    begin_reading(j, chunk);
    record_writer_begin(&j->writer, chunk->first_stamp, MODEL_MAX_CHUNK);
    model_chunk_begin(&k, chunk->first_stamp, chunk->thread);
    while (record_read(&j->reader, &r)) {
        pace_set(j->pace, &j->model->addresses, &r);
        record_write(&j->writer, &r);
        if (!model_code(&k, &r))
            return false;
    }
    model_chunk_end(&k);
    if (j->writer.fault || j->writer.n > chunk->len)
        return false;
    head->committed = j->writer.n;
    head->sealed = chunk->sealed;
    head->checksum =
        chunk->sealed ? ouro_checksum(j->writer.bytes, j->writer.n) : 0;
    return true;
}

static bool can_be_taken(const struct job *j, const struct trace_chunk *chunk)
{
    return !chunk->cut && chunk->len > 0 && chunk->len <= MODEL_MAX_CHUNK &&
           j->n_places < UINT32_MAX;
}

/* A chunk that does not match its checksum must not get one that it matches. */
static bool is_sound(const struct job *j, const struct trace_chunk *chunk,
                     const struct ouro_chunk *head)
{
    return head->len <= PACKED_MAX_CHUNK &&
           head->len <= j->t->len - chunk->offset &&
           head->magic == OURO_CHUNK_MAGIC &&
           (!chunk->sealed ||
            ouro_checksum(j->bytes, chunk->len) == chunk->checksum);
}

static void begin_model(struct job *j)
{
    if (j->model && !model_is_full(j->model))
        return;
    flush_block(j);
    model_free(j->model);
    j->model = model_make();
    j->begins = true;
}

/* False: as it is. */
static bool take_chunk(struct job *j, uint32_t nth)
{
    const uint32_t i = j->t->state->by_stamp[nth];
    const struct trace_chunk *chunk = &j->t->chunks[i];
    struct packed_chunk *to = &j->chunks[i];
    uint64_t n, last = UINT64_MAX;
    bool good = can_be_taken(j, chunk) && read_chunk(j, chunk, to) &&
                is_sound(j, chunk, &to->head) && look_through(j, chunk, &n);
    if (good)
        last = j->reader.stamp;
    good = good && !chunk->folded;
    if (good) {
        begin_model(j);
        good =
            code_chunk(j, chunk, n, is_overlapped(j, nth, last), &to->head) &&
            append_chunk(j);
        if (!good) { /* it knows what nobody will tell it again */
            model_free(j->model);
            j->model = NULL;
        }
    }
    if (last >= j->last) {
        j->last = last;
        j->last_chunk = i;
    }
    return good;
}

static void take_chunks(struct job *j)
{
    const struct trace *t = j->t;
    j->bytes = must_calloc(1, MODEL_MAX_CHUNK + RECORD_SLACK);
    for (uint32_t nth = 0; nth < t->n_chunks; nth++) {
        const uint32_t i = t->state->by_stamp[nth];
        struct packed_chunk *to = &j->chunks[i];
        to->is_taken = take_chunk(j, nth);
        if (!to->is_taken)
            continue;
        to->place = j->n_places++;
        note_sum(j, &t->chunks[i]);
    }
    flush_block(j);
    free(j->bytes);
}

struct extents {
    struct job *job;
    struct column index;
    uint64_t n, end;              /* of the last one, in the trace */
    uint32_t next, next_snapshot; /* chunk */
};

static void begin_extent(struct extents *x, uint64_t at, unsigned what,
                         uint64_t len)
{
    x->n++;
    columns_put_number(&x->index, at - x->end);
    columns_put_number(&x->index, what);
    columns_put_number(&x->index, len);
    x->end = at + len;
}

/* A head that was read, and the n bytes behind it as they are. */
static int put_bytes(struct extents *x, uint64_t at, const void *head,
                     size_t head_len, uint64_t n)
{
    unsigned char bytes[16384];
    struct job *j = x->job;
    const uint64_t offset = seekable_offset(&j->to->bytes);
    seekable_put(&j->to->bytes, head, head_len);
    for (uint64_t done = 0; done < n;) {
        const uint64_t left = n - done;
        const size_t take = left < sizeof bytes ? (size_t)left : sizeof bytes;
        const uint64_t from = at + head_len + done;
        if (!source_read(&j->t->state->source, bytes, take, from))
            return err_set(j->e,
                           "%s: byte %" PRIu64 ": cannot be read; leave it "
                           "alone while it is packed, and try again",
                           j->t->path, from);
        seekable_put(&j->to->bytes, bytes, take);
        done += take;
    }
    begin_extent(x, at, PACKED_IS_BYTES, head_len + n);
    columns_put_number(&x->index, offset);
    return 0;
}

static void put_chunk(struct extents *x, uint64_t at,
                      const struct packed_chunk *chunk)
{
    begin_extent(x, at, PACKED_IS_CHUNK, chunk->head.len);
    columns_put_number(&x->index, chunk->place);
    columns_put_number(&x->index, sizeof chunk->head);
    column_grow(&x->index, sizeof chunk->head);
    memcpy(x->index.bytes + x->index.n, &chunk->head, sizeof chunk->head);
    x->index.n += sizeof chunk->head;
}

/* The chunk at `at`, among those that the trace had when it was opened. */
static const struct trace_chunk *chunk_at(const struct trace_chunk *chunks,
                                          uint32_t n, uint32_t *next,
                                          uint64_t at)
{
    while (*next < n && chunks[*next].offset < at)
        ++*next;
    return *next < n && chunks[*next].offset == at ? &chunks[*next] : NULL;
}

/* A chunk that the model did not take. What it got since the trace was opened
   is not its. */
static int put_as_it_is(struct extents *x, const struct trace_chunk *chunk,
                        struct ouro_chunk *head)
{
    if (!chunk->cut)
        head->committed = chunk->len;
    if (!chunk->sealed)
        head->sealed = 0;
    return put_bytes(x, chunk->offset, head, sizeof *head, chunk->len);
}

static int put_unknown(struct extents *x, uint64_t at,
                       const struct ouro_chunk *head)
{
    const uint64_t most = head->len - sizeof *head;
    const uint64_t there = x->job->t->len - at - sizeof *head;
    const uint64_t n = head->committed < most ? head->committed : most;
    return put_bytes(x, at, head, sizeof *head, n < there ? n : there);
}

/* What it replaces is told behind its records. */
static int put_folded(struct extents *x, uint64_t at,
                      const struct ouro_chunk *head)
{
    const uint64_t there = x->job->t->len - at;
    const uint64_t n = head->len < there ? head->len : there;
    return put_bytes(x, at, head, sizeof *head, n - sizeof *head);
}

static int put_granule(struct extents *x, uint64_t at, struct ouro_chunk *head)
{
    const struct job *j = x->job;
    const struct trace *t = j->t;
    const bool is_known =
        head->kind == OURO_CHUNK_EVENTS || head->kind == OURO_CHUNK_SNAPSHOT;
    if (head->kind == OURO_CHUNK_FOLDED)
        return put_folded(x, at, head);
    const struct trace_chunk *chunk =
        chunk_at(t->chunks, t->n_chunks, &x->next, at);
    if (chunk && j->chunks[x->next].is_taken) {
        put_chunk(x, at, &j->chunks[x->next]);
        return 0;
    }
    if (!chunk)
        chunk = chunk_at(t->snapshot_chunks, t->n_snapshot_chunks,
                         &x->next_snapshot, at);
    if (chunk)
        return put_as_it_is(x, chunk, head);
    return is_known ? 0 : put_unknown(x, at, head);
}

static int put_head(struct extents *x)
{
    const struct trace *t = x->job->t;
    const uint64_t len =
        t->header.header_len < t->len ? t->header.header_len : t->len;
    return put_bytes(x, 0, &t->header, sizeof t->header,
                     len - sizeof t->header);
}

static int put_granules(struct extents *x)
{
    const struct trace *t = x->job->t;
    const struct source *from = &t->state->source;
    uint64_t at = t->header.first_chunk;
    if (put_head(x) < 0)
        return -1;
    while (x->next < t->n_chunks && t->chunks[x->next].folded)
        x->next++; /* they are the first ones, wherever they stand */
    while (at < t->len) {
        struct ouro_chunk head = {0};
        if (t->len - at < sizeof head)
            return put_bytes(x, at, NULL, 0, t->len - at);
        if (!source_read(from, &head, sizeof head, at))
            return put_bytes(x, at, NULL, 0, 1); /* which says so */
        if (head.magic == 0) {
            at = source_data(from, at, t->header.granule);
            continue;
        }
        const bool is_chunk =
            head.magic == OURO_CHUNK_MAGIC && head.len >= t->header.granule;
        if (is_chunk && put_granule(x, at, &head) < 0)
            return -1;
        at += is_chunk ? head.len : t->header.granule;
    }
    return 0;
}

static int put_index(struct job *j, const char *name)
{
    struct extents x = {.job = j};
    const int result = put_granules(&x);
    struct container *to = j->to;
    container_member(to, PACKED_TRACE, name, NULL, 0);
    container_number(to, j->t->len);
    container_number(to, j->pace->tick);
    container_number(to, j->n_blocks);
    for (uint32_t i = 0; i < j->n_blocks; i++) {
        container_number(to, j->blocks[i].offset);
        container_number(to, j->blocks[i].len);
        container_number(to, j->blocks[i].n);
        container_number(to, j->blocks[i].begins);
    }
    container_number(to, x.n);
    column_grow(&to->index, x.index.n);
    if (x.index.n > 0)
        memcpy(to->index.bytes + to->index.n, x.index.bytes, x.index.n);
    to->index.n += x.index.n;
    free(x.index.bytes);
    return result;
}

int pack_trace(struct container *to, struct trace *t, const char *name,
               struct pace *pace, struct pack_sums *sums, struct err *e)
{
    struct job *j = must_calloc(1, sizeof *j);
    j->to = to;
    j->t = t;
    j->pace = pace;
    j->sums = sums;
    j->e = e;
    j->block.packing = j->chunk.packing = true;
    j->chunks = must_calloc(t->n_chunks + 1, sizeof *j->chunks);
    for (uint32_t i = 0; i < t->n_snapshot_chunks; i++)
        pace_add(pace, t->snapshot_chunks[i].first_stamp);
    pace_ready(pace);
    take_chunks(j);
    const int result = put_index(j, name);
    model_free(j->model);
    columns_release(&j->block);
    columns_release(&j->chunk);
    record_reader_release(&j->reader);
    record_writer_release(&j->writer);
    free(j->blocks);
    free(j->chunks);
    free(j);
    return result;
}
