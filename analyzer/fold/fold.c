/* SPDX-License-Identifier: MIT */
#include "fold/fold.h"

#include "arena.h"
#include "shadow/caught.h"
#include "shadow/sparse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* Less than that is not worth writing the rest again: a quarter. */
enum { WORTH = 4 };

/* What is left is little: less than that part of what was there. */
enum { LITTLE = 3 };

/* How long readers are waited for, in steps of 5 ms. */
enum { READERS_STEPS = 1000, READERS_STEP_NS = 5 * 1000 * 1000 };

/* One walk of a trace: what is folded, and between which moments. */
struct pass {
    struct fold *f;
    struct lives *lives;
    uint64_t *moments; /* stamps of snapshots, ascending */
    uint32_t n_moments, next_moment;
    uint32_t event, segment;
    uint32_t *sites; /* in order of (segment, stack) */
    uint32_t next_site;
    struct sparse pages, pages_written;
    bool begun;
};

static int by_number(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one;
    const uint64_t b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

static void find_moments(struct pass *p)
{
    const struct trace *t = &p->f->trace;
    uint32_t n = 0;
    p->moments = must_calloc(t->n_snapshot_chunks, sizeof *p->moments);
    for (uint32_t i = 0; i < t->n_snapshot_chunks; i++)
        p->moments[i] = t->snapshot_chunks[i].first_stamp;
    if (t->n_snapshot_chunks > 0)
        qsort(p->moments, t->n_snapshot_chunks, sizeof *p->moments, by_number);
    for (uint32_t i = 0; i < t->n_snapshot_chunks; i++)
        if (n == 0 || p->moments[i] != p->moments[n - 1])
            p->moments[n++] = p->moments[i];
    p->n_moments = n;
}

static bool moment_comes(struct pass *p, uint64_t stamp)
{
    if (p->next_moment == p->n_moments || p->moments[p->next_moment] >= stamp)
        return false;
    p->next_moment++;
    return true;
}

static int look(void *to, const struct event *e)
{
    struct pass *p = to;
    while (moment_comes(p, e->stamp))
        lives_moment(p->lives);
    lives_event(p->lives, e, e->sealed);
    return 0;
}

/* The pages that hold, or held, blocks: those that are new. */
static void put_pages(struct pass *p, uint64_t stamp)
{
    struct event_writer *w = &p->f->writer;
    for (uint32_t i = 0; i < p->pages.n; i++) {
        const struct sparse_leaf *of = &p->pages.leaves[i];
        struct sparse_leaf *known = sparse_leaf(&p->pages_written, of->number);
        for (uint64_t k = 0; k < SPARSE_WORDS; k++) {
            const uint64_t mask = of->words[k] & ~known->words[k];
            known->words[k] |= mask;
            if (mask == 0)
                continue;
            const uint64_t first = (of->number << SPARSE_SHIFT) + 64 * k;
            event_writer_put(w, &(struct event){.kind = OURO_FOLDED_PAGES,
                                                .stamp = stamp,
                                                .thread = w->thread,
                                                .a = first << PAGE_SHIFT,
                                                .b = mask});
        }
    }
}

/* What was left out of a segment, at its end. */
static void put_sums(struct pass *p, uint64_t stamp)
{
    struct event_writer *w = &p->f->writer;
    const struct lives_sums *s = &p->lives->segments[p->segment];
    for (; p->next_site < p->lives->n_sites; p->next_site++) {
        const struct lives_site *site =
            &p->lives->sites[p->sites[p->next_site]];
        if (site->segment != p->segment)
            break;
        event_writer_put(w,
                         &(struct event){.kind = OURO_FOLDED_SITE,
                                         .stamp = stamp,
                                         .thread = w->thread,
                                         .stack = site->stack,
                                         .threshold = {0, site->allocations, 0},
                                         .size = site->bytes});
    }
    if (s->events > 0)
        event_writer_put(
            w,
            &(struct event){.kind = OURO_FOLDED,
                            .stamp = stamp,
                            .thread = w->thread,
                            .threshold = {s->events, s->allocations, s->frees},
                            .size = s->bytes,
                            .n = (int64_t)s->peak});
    put_pages(p, stamp);
    p->segment++;
}

static void begin(struct pass *p, const struct event *e)
{
    struct event_writer *w = &p->f->writer;
    event_writer_process(w, e);
    for (uint32_t i = 0; i < p->lives->n_thread_numbers; i++)
        event_writer_thread(w, p->lives->thread_numbers[i]);
    p->begun = true;
}

static int rewrite(void *to, const struct event *e)
{
    struct pass *p = to;
    const uint32_t event = p->event++;
    if (!p->begun)
        begin(p, e);
    while (moment_comes(p, e->stamp))
        put_sums(p, p->moments[p->next_moment - 1]);
    if (lives_is_moment(e))
        put_sums(p, e->stamp);
    caught_note_pages(&p->pages, e);
    if (e->sealed && !lives_leaves_out(p->lives, event))
        event_writer_put(&p->f->writer, e);
    return 0;
}

static int by_segment_and_stack(const void *one, const void *other, void *of)
{
    const struct lives_site *sites = of;
    const struct lives_site *a = &sites[*(const uint32_t *)one];
    const struct lives_site *b = &sites[*(const uint32_t *)other];
    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static void sort_sites(struct pass *p)
{
    const uint32_t n = p->lives->n_sites;
    p->sites = must_calloc(n, sizeof *p->sites);
    for (uint32_t i = 0; i < n; i++)
        p->sites[i] = i;
    if (n > 0)
        qsort_r(p->sites, n, sizeof *p->sites, by_segment_and_stack,
                p->lives->sites);
}

static bool write_again(struct pass *p)
{
    struct err ignored;
    struct event_writer *w = &p->f->writer;
    sort_sites(p);
    event_writer_begin(w, &p->f->trace);
    p->next_moment = p->event = p->segment = p->next_site = 0;
    p->begun = false;
    const bool walked = trace_walk(&p->f->trace, rewrite, p, &ignored) == 0;
    if (walked && p->begun)
        put_sums(p, w->stamp);
    sparse_release(&p->pages);
    sparse_release(&p->pages_written);
    free(p->sites);
    return walked;
}

/* Is what is kept less than that part of what is folded? */
static bool is_below(const struct lives *l, uint64_t part, uint64_t of)
{
    return (uint64_t)(l->n_folding - l->n_left_out) * of <=
           (uint64_t)l->n_folding * part;
}

/* Where the last lives at all their addresses take too much, without them. */
static enum fold_result walk_twice(struct pass *p, enum fold_how how)
{
    struct err ignored;
    find_moments(p);
    if (trace_walk(&p->f->trace, look, p, &ignored) != 0)
        return FOLD_NEVER;
    if (how == FOLD_ALL ||
        (how == FOLD_IF_WORTH && !is_below(p->lives, 1, LITTLE)))
        lives_forget_ended(p->lives);
    if (how == FOLD_IF_WORTH && !is_below(p->lives, WORTH - 1, WORTH))
        return FOLD_NOT_NOW;
    return write_again(p) ? FOLD_DONE : FOLD_NEVER;
}

static enum fold_result read_it(struct fold *f, uint64_t until,
                                enum fold_how how)
{
    const struct trace *t = &f->trace;
    struct lives lives;
    bool waits = false;
    for (uint32_t i = 1; i < t->n_chunks; i++)
        waits = waits || t->chunks[i].thread != t->chunks[0].thread;
    lives_begin(&lives, until, trace_patience(t), waits);
    struct pass p = {.f = f, .lives = &lives};
    const enum fold_result result = walk_twice(&p, how);
    free(p.moments);
    lives_release(&lives);
    return result;
}

/* Those that are complete. */
static void choose_chunks(struct fold *f)
{
    const struct trace *t = &f->trace;
    f->replaced = must_calloc(t->n_chunks, sizeof *f->replaced);
    for (uint32_t i = 0; i < t->n_chunks; i++) {
        const struct trace_chunk *c = &t->chunks[i];
        if (!c->sealed || c->cut)
            continue;
        if (f->n_replaced == 0 || c->ns < f->first_ns)
            f->first_ns = c->ns;
        f->replaced[f->n_replaced++] =
            (struct ouro_replaced){c->offset, c->room};
        f->replaced_bytes += c->room;
    }
}

static uint64_t granules(const struct fold *f, uint64_t bytes)
{
    const uint64_t granule = f->header->granule;
    return (bytes + granule - 1) & ~(granule - 1);
}

/* Where the list of what is replaced begins, in the chunk. */
static uint64_t list_at(const struct fold *f)
{
    return sizeof(struct ouro_chunk) +
           (((uint64_t)f->writer.n + 7) & ~(uint64_t)7);
}

/* An event takes two bytes at least, and has a number of 32 bits. */
static bool is_foldable(const struct ouro_trace_header *h)
{
    return h->version == OURO_TRACE_VERSION &&
           !(h->flags & OURO_HEADER_BUFFERED);
}

uint64_t fold_safe_stamp(const struct ouro_trace_header *h)
{
    const uint64_t last = __atomic_load_n(&h->last_stamp, __ATOMIC_ACQUIRE);
    const uint32_t told = __atomic_load_n(&h->moments_told, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&h->moments_begun, __ATOMIC_ACQUIRE) == told ? last
                                                                        : 0;
}

/* `last`: a stamp that was read before the file was: a little before it all was
   in the file by then. */
static enum fold_result read_open(struct fold *f, uint64_t last,
                                  enum fold_how how)
{
    const uint64_t patience = trace_patience(&f->trace);
    const uint64_t until = last > patience ? last - patience : 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < f->trace.n_chunks; i++)
        bytes += f->trace.chunks[i].len;
    choose_chunks(f);
    if (f->n_replaced == 0)
        return FOLD_NOT_NOW;
    if (bytes / 2 >= UINT32_MAX)
        return FOLD_NEVER;
    const enum fold_result result = read_it(f, until, how);
    if (result != FOLD_DONE)
        return result;
    f->len = granules(f, list_at(f) + f->n_replaced * sizeof *f->replaced);
    const bool wins = f->len <= f->replaced_bytes - f->replaced_bytes / WORTH;
    return f->len < UINT32_MAX && (wins || how != FOLD_IF_WORTH) ? FOLD_DONE
                                                                 : FOLD_NOT_NOW;
}

enum fold_result fold_prepare(struct fold *f, const char *path,
                              struct ouro_trace_header *header, uint64_t until,
                              enum fold_how how)
{
    struct err ignored;
    *f = (struct fold){.path = path, .header = header, .fd = -1};
    if (!is_foldable(header))
        return FOLD_NEVER;
    f->fd = open(path, O_RDWR | O_CLOEXEC);
    if (f->fd < 0 || trace_open(&f->trace, path, &ignored) != 0)
        return FOLD_NEVER;
    f->is_open = true;
    return read_open(f, until, how);
}

static bool write_at(const struct fold *f, const void *from, size_t n,
                     uint64_t offset)
{
    const char *p = from;
    while (n > 0) {
        const ssize_t done = pwrite(f->fd, p, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return true;
}

static bool make_hole(const struct fold *f, uint64_t offset, uint64_t len)
{
    int rc;
    do
        rc = fallocate(f->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                       (off_t)offset, (off_t)len);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
}

static bool write_chunk(const struct fold *f)
{
    const struct event_writer *w = &f->writer;
    const struct ouro_chunk head = {
        .magic = OURO_CHUNK_MAGIC,
        .kind = OURO_CHUNK_FOLDED,
        .len = (uint32_t)f->len,
        .thread = w->first_thread,
        .first_stamp = w->first_stamp,
        .ns = f->first_ns,
        .committed = w->n,
        .checksum = ouro_checksum(w->bytes, w->n),
        .reserved = f->n_replaced,
    };
    return write_at(f, &head, sizeof head, f->offset) &&
           write_at(f, w->bytes, w->n, f->offset + sizeof head) &&
           write_at(f, f->replaced, f->n_replaced * sizeof *f->replaced,
                    f->offset + list_at(f));
}

static void give(struct fold *f, uint64_t bytes)
{
    __atomic_fetch_add(&f->header->given_back, bytes, __ATOMIC_RELEASE);
}

void fold_abandon(struct fold *f)
{
    if (make_hole(f, f->offset, f->len))
        give(f, f->len);
}

/* A file system without holes says so before anything was written. */
enum fold_result fold_write(struct fold *f)
{
    f->offset = __atomic_fetch_add(&f->header->end, f->len, __ATOMIC_RELAXED);
    if (!make_hole(f, f->offset, f->len))
        return FOLD_NEVER;
    if (fallocate(f->fd, 0, (off_t)f->offset, (off_t)f->len) == 0 &&
        write_chunk(f))
        return FOLD_DONE;
    fold_abandon(f);
    return FOLD_NOT_NOW;
}

enum fold_result fold_seal(struct fold *f)
{
    const uint32_t sealed = 1;
    const bool done = write_at(f, &sealed, sizeof sealed,
                               f->offset + offsetof(struct ouro_chunk, sealed));
    trace_close(&f->trace);
    f->is_open = false;
    return done ? FOLD_DONE : FOLD_NEVER;
}

static bool wait_for_readers(const struct fold *f)
{
    for (int i = 0; i < READERS_STEPS; i++) {
        if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = READERS_STEP_NS}, NULL);
    }
    return false;
}

/* A head shows how long its chunk is: it goes last. */
static bool make_holes(struct fold *f)
{
    const uint64_t granule = f->header->granule;
    for (uint32_t i = 0; i < f->n_replaced; i++) {
        const struct ouro_replaced *r = &f->replaced[i];
        if (r->len > granule &&
            !make_hole(f, r->offset + granule, r->len - granule))
            return false;
        if (!make_hole(f, r->offset, granule))
            return false;
        give(f, r->len);
    }
    return true;
}

enum fold_result fold_give_back(struct fold *f)
{
    const bool done = wait_for_readers(f) && make_holes(f);
    flock(f->fd, LOCK_UN);
    return done ? FOLD_DONE : FOLD_NEVER;
}

void fold_release(struct fold *f)
{
    if (f->is_open)
        trace_close(&f->trace);
    if (f->fd >= 0)
        close(f->fd);
    event_writer_release(&f->writer);
    free(f->replaced);
    *f = (struct fold){.fd = -1};
}
