/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "pack/model.h"
#include "pack/packed_parts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Who reads a chunk reads it whole, at once: only what was unpacked on the way
   to it must wait for its turn. */
enum { KEPT = 8 };

#define NO_PLACE UINT64_MAX

struct block {
    uint64_t offset, len;
    uint64_t first; /* place of its first chunk */
    uint64_t n;
    bool begins;
};

struct extent {
    uint64_t at, len; /* in the trace */
    bool is_chunk;
    uint64_t from; /* the offset of its bytes, or its place */
    struct ouro_chunk head;
};

struct kept {
    uint64_t place;
    struct record_writer bytes;
};

struct packed_trace {
    struct packed *pack;
    uint64_t len, tick;
    uint32_t n_blocks, n_extents;
    struct block *blocks;
    struct extent *extents;
    uint64_t n_places;
    uint32_t *extent_of; /* by place; UINT32_MAX: none */
    pthread_mutex_t turn;

    /* Unpacking. */
    struct model *model;
    uint64_t next;  /* place; of the open block if it is in it */
    uint32_t block; /* that is open; n_blocks: none */
    struct columns columns;
    unsigned char *bytes; /* of the open block */
    uint32_t n_kept;      /* so far; the oldest one gives way */
    struct kept kept[KEPT];
};

static bool take_blocks(struct packed_trace *t, struct columns *index)
{
    const uint64_t n = packed_take(index);
    uint32_t room = 0;
    for (uint64_t i = 0; i < n && !index->fault; i++) {
        GROW(t->blocks, t->n_blocks, room);
        struct block *b = &t->blocks[t->n_blocks++];
        *b = (struct block){.offset = packed_take(index), .first = t->n_places};
        b->len = packed_take(index);
        b->n = packed_take(index);
        b->begins = packed_take(index) != 0;
        if (b->n == 0 || b->n > b->len || b->len > SEEKABLE_FRAME ||
            (i == 0 && !b->begins))
            index->fault = true;
        t->n_places += b->n;
    }
    return !index->fault;
}

static bool take_extent(struct packed_trace *t, struct columns *index,
                        struct extent *x)
{
    const struct extent *before = x > t->extents ? x - 1 : NULL;
    const uint64_t at = before ? before->at + before->len : 0;
    const uint64_t gap = packed_take(index);
    x->is_chunk = packed_take(index) == PACKED_IS_CHUNK;
    x->len = packed_take(index);
    x->from = packed_take(index);
    if (gap > t->len - at || x->len > t->len - at - gap || x->len == 0)
        return false;
    x->at = at + gap;
    if (!x->is_chunk)
        return true;
    const struct packed_text head = packed_take_text(index);
    if (head.len != sizeof x->head || x->from >= t->n_places ||
        x->len < sizeof x->head)
        return false;
    memcpy(&x->head, head.bytes, sizeof x->head);
    return x->head.magic == OURO_CHUNK_MAGIC && x->head.len == x->len &&
           x->len <= PACKED_MAX_CHUNK &&
           x->head.committed <= x->len - sizeof x->head &&
           x->head.committed <= MODEL_MAX_CHUNK;
}

static bool take_extents(struct packed_trace *t, struct columns *index)
{
    const uint64_t n = packed_take(index);
    uint64_t left = seekable_len(&t->pack->bytes);
    uint32_t room = 0;
    for (uint64_t i = 0; i < n && !index->fault; i++) {
        GROW(t->extents, t->n_extents, room);
        t->extents[t->n_extents] = (struct extent){0};
        struct extent *x = &t->extents[t->n_extents];
        if (!take_extent(t, index, x) || (!x->is_chunk && x->len > left))
            return false;
        left -= x->is_chunk ? 0 : x->len; /* no byte is told twice */
        t->n_extents++;
    }
    return !index->fault;
}

/* Readers come in this order, and would else begin again and again. */
static bool are_in_order(const struct packed_trace *t)
{
    for (uint64_t i = 1; i < t->n_places; i++) {
        const struct extent *a = &t->extents[t->extent_of[i - 1]];
        const struct extent *b = &t->extents[t->extent_of[i]];
        if (a->head.first_stamp > b->head.first_stamp ||
            (a->head.first_stamp == b->head.first_stamp && a->at > b->at))
            return false;
    }
    return true;
}

/* Every chunk of a block must be somewhere. */
static bool find_places(struct packed_trace *t)
{
    uint64_t found = 0;
    if (t->n_places > t->n_extents)
        return false;
    t->extent_of = must_calloc(t->n_places + 1, sizeof *t->extent_of);
    memset(t->extent_of, 0xff, t->n_places * sizeof *t->extent_of);
    for (uint32_t i = 0; i < t->n_extents; i++) {
        const struct extent *x = &t->extents[i];
        if (!x->is_chunk)
            continue;
        found += t->extent_of[x->from] == UINT32_MAX;
        t->extent_of[x->from] = i;
    }
    return found == t->n_places && are_in_order(t);
}

struct packed_trace *packed_trace_open(struct packed *p, const char *name,
                                       struct err *e)
{
    const struct packed_member *m = packed_find(p, PACKED_TRACE, name);
    struct packed_trace *t = must_calloc(1, sizeof *t);
    t->pack = p;
    pthread_mutex_init(&t->turn, NULL);
    for (int i = 0; i < KEPT; i++)
        t->kept[i].place = NO_PLACE;
    if (!m) {
        packed_trace_close(t);
        err_set(e, "%s: no such trace in this packed recording", name);
        return NULL;
    }
    struct columns index = p->index;
    index.of[COLUMN_CHUNK].at = (size_t)m->at;
    t->len = packed_take(&index);
    t->tick = packed_take(&index);
    if (t->len <= INT64_MAX && take_blocks(t, &index) &&
        take_extents(t, &index) && find_places(t)) {
        t->block = t->n_blocks;
        t->bytes = must_calloc(1, SEEKABLE_FRAME);
        return t;
    }
    packed_trace_close(t);
    err_set(e,
            "%s: its part of the index makes no sense; take another copy, or "
            "pack the recording again",
            name);
    return NULL;
}

void packed_trace_close(struct packed_trace *t)
{
    if (!t)
        return;
    model_free(t->model);
    for (int i = 0; i < KEPT; i++)
        record_writer_release(&t->kept[i].bytes);
    packed_close(t->pack);
    pthread_mutex_destroy(&t->turn);
    free(t->blocks);
    free(t->extents);
    free(t->extent_of);
    free(t->bytes);
    free(t);
}

uint64_t packed_trace_len(const struct packed_trace *t)
{
    return t->len;
}

/* The block that has the place. */
static uint32_t block_of(const struct packed_trace *t, uint64_t place)
{
    uint32_t low = 0, high = t->n_blocks;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (t->blocks[middle].first <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Lays the columns of a block out. */
static bool open_block(struct packed_trace *t, uint32_t i)
{
    const struct block *b = &t->blocks[i];
    struct columns lengths = {0};
    struct column *head = &lengths.of[COLUMN_CHUNK];
    t->block = t->n_blocks;
    if (!seekable_read(&t->pack->bytes, b->offset, t->bytes, (size_t)b->len))
        return false;
    *head = (struct column){.bytes = t->bytes, .n = (size_t)b->len};
    t->columns = (struct columns){0};
    for (int k = 0; k < N_COLUMNS; k++) {
        const uint64_t n = packed_take(&lengths);
        if (n > b->len)
            return false;
        t->columns.of[k].n = (size_t)n;
    }
    for (int k = 0; k < N_COLUMNS; k++) {
        struct column *c = &t->columns.of[k];
        const unsigned char *at =
            columns_bytes(&lengths, COLUMN_CHUNK, NULL, c->n);
        c->bytes = (unsigned char *)at;
    }
    if (lengths.fault)
        return false;
    if (b->begins) {
        model_free(t->model);
        t->model = model_make();
    }
    t->block = i;
    t->next = b->first;
    return t->model != NULL;
}

/* Where unpacking must begin to come to the place. */
static uint32_t begin_for(const struct packed_trace *t, uint64_t place)
{
    uint32_t i = block_of(t, place);
    const bool goes_on = t->block < t->n_blocks && t->next <= place;
    while (i > 0 && !t->blocks[i].begins && !(goes_on && i == t->block))
        i--;
    return i;
}

static bool unpack_next(struct packed_trace *t)
{
    struct kept *to = &t->kept[t->n_kept++ % KEPT];
    const struct ouro_chunk *head = &t->extents[t->extent_of[t->next]].head;
    to->place = NO_PLACE;
    if (!model_unpack(t->model, &t->columns, t->tick, head->first_stamp,
                      head->thread, &to->bytes, MODEL_MAX_CHUNK) ||
        to->bytes.n != head->committed) {
        t->block = t->n_blocks;
        return false;
    }
    to->place = t->next++;
    return true;
}

/* Unpacks up to the place. */
static bool go_to(struct packed_trace *t, uint64_t place)
{
    uint32_t i = begin_for(t, place);
    if (i != t->block || t->next > place)
        if (!open_block(t, i))
            return false;
    while (t->next <= place) {
        const struct block *b = &t->blocks[t->block];
        if (t->next == b->first + b->n && !open_block(t, t->block + 1))
            return false;
        if (!unpack_next(t))
            return false;
    }
    return true;
}

static const struct kept *find_kept(const struct packed_trace *t,
                                    uint64_t place)
{
    for (int i = 0; i < KEPT; i++)
        if (t->kept[i].place == place)
            return &t->kept[i];
    return NULL;
}

/* From `from` on, in the chunk. */
static bool read_chunk(struct packed_trace *t, const struct extent *x,
                       uint64_t from, unsigned char *to, size_t n)
{
    const size_t size = sizeof x->head;
    if (from < size) {
        const size_t left = size - (size_t)from;
        const size_t take = n < left ? n : left;
        memcpy(to, (const char *)&x->head + from, take);
        from += take;
        to += take;
        n -= take;
    }
    if (n == 0)
        return true;
    const struct kept *k = find_kept(t, x->from);
    if (!k && go_to(t, x->from))
        k = find_kept(t, x->from);
    if (!k)
        return false;
    const size_t at = (size_t)(from - size);
    const size_t there = at < k->bytes.n ? k->bytes.n - at : 0;
    const size_t take = n < there ? n : there;
    if (take > 0)
        memcpy(to, k->bytes.bytes + at, take);
    memset(to + take, 0, n - take);
    return true;
}

/* The first that ends behind `at`. */
static uint32_t extent_at(const struct packed_trace *t, uint64_t at)
{
    uint32_t low = 0, high = t->n_extents;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (t->extents[middle].at + t->extents[middle].len <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* As much as one extent, or the gap before it, has: bytes; 0: damaged. */
static size_t read_some(struct packed_trace *t, unsigned char *to, size_t n,
                        uint64_t offset)
{
    const uint32_t i = extent_at(t, offset);
    const struct extent *x = i < t->n_extents ? &t->extents[i] : NULL;
    const uint64_t begin = x ? x->at : t->len;
    if (!x || offset < begin) {
        const size_t take = n < begin - offset ? n : (size_t)(begin - offset);
        memset(to, 0, take);
        return take;
    }
    const uint64_t from = offset - begin;
    const size_t take = n < x->len - from ? n : (size_t)(x->len - from);
    const bool read =
        x->is_chunk ? read_chunk(t, x, from, to, take)
                    : seekable_read(&t->pack->bytes, x->from + from, to, take);
    return read ? take : 0;
}

bool packed_trace_read(struct packed_trace *t, void *to, size_t n,
                       uint64_t offset)
{
    unsigned char *at = to;
    bool good = offset <= t->len && n <= t->len - offset;
    pthread_mutex_lock(&t->turn);
    while (good && n > 0) {
        const size_t got = read_some(t, at, n, offset);
        good = got > 0;
        at += got;
        n -= got;
        offset += got;
    }
    pthread_mutex_unlock(&t->turn);
    return good;
}

bool packed_trace_tells(const struct packed_trace *t, uint64_t at, uint64_t n)
{
    const uint32_t i = extent_at(t, at);
    if (i == t->n_extents || at < t->extents[i].at)
        return n == 0;
    return n <= t->extents[i].at + t->extents[i].len - at;
}

uint64_t packed_trace_data(const struct packed_trace *t, uint64_t at)
{
    const uint32_t i = extent_at(t, at);
    if (i == t->n_extents)
        return t->len;
    return at > t->extents[i].at ? at : t->extents[i].at;
}
