/* SPDX-License-Identifier: MIT */
#include "trace/layout.h"

#include "trace/replaced.h"
#include "trace/state.h"

#include <inttypes.h>

static int damaged(const struct trace *t, struct err *e, uint64_t at,
                   const char *fact)
{
    return err_set(e,
                   "%s: byte %" PRIu64 ": %s; the file is damaged or no "
                   "trace: read another copy, or record again",
                   t->path, at, fact);
}

bool layout_bytes(const struct trace *t, void *to, size_t n, uint64_t offset)
{
    return source_read(&t->state->source, to, n, offset);
}

static int unreadable(const struct trace *t, struct err *e, uint64_t at)
{
    return err_set(e, "%s: byte %" PRIu64 ": %s", t->path, at,
                   source_complaint(&t->state->source));
}

static int check_header(const struct trace *t, struct err *e)
{
    const struct ouro_trace_header *h = &t->header;
    if (memcmp(h->magic, OURO_TRACE_MAGIC, sizeof h->magic) != 0)
        return damaged(t, e, 0, "does not begin as a trace does");
    if (h->version > OURO_TRACE_VERSION)
        return err_set(e,
                       "%s: byte %zu: format version %" PRIu32
                       ", and this ouro reads up to %d; use the ouro that "
                       "recorded it, or a newer one",
                       t->path, offsetof(struct ouro_trace_header, version),
                       h->version, OURO_TRACE_VERSION);
    if (h->version == 0)
        return damaged(t, e, offsetof(struct ouro_trace_header, version),
                       "format version 0");
    if (h->header_len < sizeof *h)
        return damaged(t, e, offsetof(struct ouro_trace_header, header_len),
                       "a header shorter than the first version's");
    if (h->granule < 4096 || (h->granule & (h->granule - 1)) != 0)
        return damaged(t, e, offsetof(struct ouro_trace_header, granule),
                       "a granule that is no power of two from 4096 on");
    if (h->first_chunk < h->header_len || h->first_chunk % h->granule != 0)
        return damaged(t, e, offsetof(struct ouro_trace_header, first_chunk),
                       "a first chunk that is inside the header or between "
                       "granules");
    if (h->clock < OURO_CLOCK_TSC || h->clock > OURO_CLOCK_COUNTER)
        return damaged(t, e, offsetof(struct ouro_trace_header, clock),
                       "an unknown clock");
    return 0;
}

static int read_header(struct trace *t, struct err *e)
{
    if (t->len < sizeof t->header)
        return damaged(t, e, t->len, "ends within the header");
    if (!layout_bytes(t, &t->header, sizeof t->header, 0))
        return unreadable(t, e, 0);
    return check_header(t, e);
}

/* Room is doubled where n is a power of two. */
static void append(struct trace_chunk **chunks, uint32_t *n,
                   const struct trace_chunk *chunk)
{
    if ((*n & (*n - 1)) == 0)
        *chunks =
            must_realloc(*chunks, *n ? (size_t)*n * 2 : 1, sizeof **chunks);
    (*chunks)[(*n)++] = *chunk;
}

/* A guest that writes through buffers leaves out the end of its last chunk:
   nothing is missing there. */
static int add_chunk(struct trace *t, const struct ouro_chunk *head,
                     uint64_t at, struct replaced *replaced, struct err *e)
{
    const bool folded = head->kind == OURO_CHUNK_FOLDED;
    if (head->len < t->header.granule || head->len % t->header.granule != 0)
        return damaged(t, e, at + offsetof(struct ouro_chunk, len),
                       "a chunk's length is no multiple of the granule");
    if (head->committed > head->len - sizeof *head)
        return damaged(t, e, at + offsetof(struct ouro_chunk, committed),
                       "a chunk has more bytes committed than it has");
    if (folded && !head->sealed)
        return 0;
    const uint64_t there = t->len - at - sizeof *head;
    const bool cut = head->committed > there;
    const uint64_t len = cut ? there : head->committed;
    if (!source_tells(&t->state->source, at, sizeof *head + len))
        return damaged(t, e, at, "a chunk that is not in the packed file");
    if (folded && !replaced_note(replaced, t, head, at))
        return damaged(t, e, at,
                       "a folded chunk does not say what it replaces");
    const bool buffered = t->header.flags & OURO_HEADER_BUFFERED;
    if (cut || (!buffered && head->len > t->len - at))
        t->cut = true;
    const struct trace_chunk chunk = {
        .offset = at,
        .len = len,
        .first_stamp = head->first_stamp,
        .ns = head->ns,
        .checksum = head->checksum,
        .thread = head->thread,
        .sealed = head->sealed != 0,
        .cut = cut,
        .folded = folded,
        .room = head->len,
    };
    if (t->n_chunks == UINT32_MAX || t->n_snapshot_chunks == UINT32_MAX)
        return damaged(t, e, at, "more chunks than 4294967295");
    if (head->kind == OURO_CHUNK_EVENTS || folded)
        append(&t->chunks, &t->n_chunks, &chunk);
    if (head->kind == OURO_CHUNK_SNAPSHOT)
        append(&t->snapshot_chunks, &t->n_snapshot_chunks, &chunk);
    return 0;
}

/* The chunk's head, as much of it as is there, padded with zeros. The guest
   writes `sealed` last: once it is seen, the rest is read again. */
static bool read_head(const struct trace *t, struct ouro_chunk *head,
                      uint64_t at)
{
    const uint64_t there = t->len - at;
    const size_t n = there < sizeof *head ? (size_t)there : sizeof *head;
    *head = (struct ouro_chunk){0};
    if (!layout_bytes(t, head, n, at))
        return false;
    return !head->sealed || layout_bytes(t, head, n, at);
}

static bool is_zero(const struct ouro_chunk *head)
{
    static const struct ouro_chunk zero;
    return memcmp(head, &zero, sizeof zero) == 0;
}

/* Nothing says how much was reserved once recording has stopped: what could not
   be had is counted too. Through buffers, the last chunk has its head at least.
 */
static bool ends_early(const struct trace *t, uint64_t behind_last)
{
    const struct ouro_trace_header *h = &t->header;
    if (h->stopped != OURO_STOPPED_NOT)
        return false;
    if (h->flags & OURO_HEADER_BUFFERED)
        return h->end > h->first_chunk && h->end > behind_last;
    return h->end > t->len;
}

static int find_chunks(struct trace *t, struct replaced *r, struct err *e)
{
    struct ouro_chunk head;
    uint64_t at = t->header.first_chunk;
    uint64_t behind_last = at;
    while (at < t->len) {
        if (!read_head(t, &head, at))
            return unreadable(t, e, at);
        if (t->len - at < sizeof head) {
            t->cut = t->cut || !is_zero(&head);
            break;
        }
        if (is_zero(&head)) {
            at = source_data(&t->state->source, at, t->header.granule);
        } else if (head.magic != OURO_CHUNK_MAGIC) {
            at += t->header.granule;
        } else {
            if (add_chunk(t, &head, at, r, e) < 0)
                return -1;
            at += head.len;
            behind_last = at;
        }
    }
    t->cut = t->cut || ends_early(t, behind_last);
    return 0;
}

int layout_read(struct trace *t, struct err *e)
{
    if (read_header(t, e) < 0)
        return -1;
    struct replaced replaced = {0};
    const int rc = find_chunks(t, &replaced, e);
    replaced_leave_out(&replaced, t);
    return rc;
}

/* ouro_checksum() of bytes that are not in memory all at once: each piece but
   the last is a multiple of GROUP. */
struct sum {
    uint64_t lane[4], len;
};

enum { GROUP = 32 };

static void add_groups(struct sum *sum, const unsigned char *p, size_t n)
{
    uint64_t w[4];
    uint64_t a = sum->lane[0];
    uint64_t b = sum->lane[1];
    uint64_t c = sum->lane[2];
    uint64_t d = sum->lane[3];
    for (size_t i = 0; i < n; i++, p += GROUP) {
        memcpy(w, p, GROUP);
        a = ouro_checksum_mix(a, w[0]);
        b = ouro_checksum_mix(b, w[1]);
        c = ouro_checksum_mix(c, w[2]);
        d = ouro_checksum_mix(d, w[3]);
    }
    *sum = (struct sum){{a, b, c, d}, sum->len};
}

static void add_bytes(struct sum *sum, const unsigned char *p, size_t n)
{
    const size_t rest = n % GROUP;
    sum->len += n;
    add_groups(sum, p, n / GROUP);
    if (rest > 0) {
        unsigned char last[GROUP] = {0};
        memcpy(last, p + (n - rest), rest);
        add_groups(sum, last, 1);
    }
}

static const struct sum no_bytes = {.lane = {1, 2, 3, 4}};

static int compare(const struct trace *t, const struct trace_chunk *chunk,
                   const struct sum *sum, struct err *e)
{
    uint64_t h = sum->len;
    for (int i = 0; i < 4; i++)
        h = ouro_checksum_mix(h, sum->lane[i]);
    if (h != chunk->checksum)
        return damaged(t, e, chunk->offset,
                       "a sealed chunk's bytes do not match its checksum");
    return 0;
}

static bool has_checksum(const struct trace_chunk *chunk)
{
    return chunk->sealed && !chunk->cut;
}

int layout_verify_bytes(const struct trace *t, const struct trace_chunk *chunk,
                        const unsigned char *bytes, struct err *e)
{
    struct sum sum = no_bytes;
    if (!has_checksum(chunk))
        return 0;
    add_bytes(&sum, bytes, (size_t)chunk->len);
    return compare(t, chunk, &sum, e);
}

int layout_verify(const struct trace *t, const struct trace_chunk *chunk,
                  struct err *e)
{
    unsigned char bytes[512 * GROUP];
    struct sum sum = no_bytes;
    uint64_t at = chunk->offset + sizeof(struct ouro_chunk);
    if (!has_checksum(chunk))
        return 0;
    for (uint64_t left = chunk->len; left > 0;) {
        const size_t n = left < sizeof bytes ? (size_t)left : sizeof bytes;
        if (!layout_bytes(t, bytes, n, at))
            return unreadable(t, e, chunk->offset);
        add_bytes(&sum, bytes, n);
        at += n;
        left -= n;
    }
    return compare(t, chunk, &sum, e);
}

int layout_head(const struct trace *t, const struct trace_chunk *chunk,
                struct ouro_chunk *head, struct err *e)
{
    if (!layout_bytes(t, head, sizeof *head, chunk->offset))
        return unreadable(t, e, chunk->offset);
    return 0;
}
