/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "allocator.h"
#include "clock.h"
#include "config.h"
#include "copy.h"
#include "file.h"
#include "life.h"
#include "module.h"
#include "pages.h"
#include "piece.h"
#include "raw.h"
#include "record.h"
#include "standstill.h"
#include "survey.h"
#include "taker.h"
#include "thread.h"
#include "words.h"
#include "writer.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum {
    ADDRESSES = 64 * 1024, /* ranges */
    OWN = 16 * 1024,
    COPY = 128 * 1024, /* bytes that are read at once */
    OTHERS = 4096,     /* threads */
    PATIENCE = 600,    /* seconds that one waits for another's snapshot */
};

/* What the copy ends with where it has not got all that the process has. */
enum { STATUS_WHOLE = 0, STATUS_LACKS = 1 };

/* All that one snapshot needs. */
struct snapshot {
    int why;
    const char *name;
    uint8_t flags;
    uint32_t os_thread;
    uint64_t bytes; /* in the pieces of the survey */
    uint64_t start_ns, still_ns;
    uint32_t n_regions, n_others;
    struct taker taker;
    struct ranges own, addresses;
    struct piece out;
    struct words words;
    struct pages pages;
    struct survey survey;
    struct stack stack;
    struct range own_at[OWN], addresses_at[ADDRESSES];
    unsigned char chunk[FILE_CHUNK_MAX];
    uint64_t copy[COPY / sizeof(uint64_t)];
    struct standstill_thread others[OTHERS];
};

/* In whole pages, of any size. */
enum { LEN = (sizeof(struct snapshot) + 65535) / 65536 * 65536 };

static _Atomic uint32_t shim_busy;  /* a snapshot is being taken */
static _Atomic uint32_t shim_taken; /* how many there are in the file */

void snapshot_start(void)
{
    allocator_start();
    taker_start();
}

void snapshot_forked(void)
{
    atomic_store(&shim_busy, 0);
    atomic_store(&shim_taken, 0);
}

/* Some ranges more than fit are one that goes around them all: then a few
   numbers are told that are no addresses. */
static void add_address(struct snapshot *s, uintptr_t start, uintptr_t end)
{
    struct ranges *to = &s->addresses;
    if (ranges_add(to, start, end))
        return;
    struct range *last = &to->at[to->n - 1];
    last->start = start < last->start ? start : last->start;
    last->end = end > last->end ? end : last->end;
}

static void add_modules(struct snapshot *s)
{
    const struct module *m;
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++)
        if (module_gone(m) == 0)
            add_address(s, m->start, m->end);
}

/* What is there now: how many bytes, and which numbers are addresses. False:
   nobody says. */
static bool look(struct snapshot *s, bool note)
{
    struct range piece;
    s->bytes = 0;
    if (!survey_open(&s->survey, &s->own))
        return false;
    while (survey_next(&s->survey, &piece)) {
        s->bytes += piece.end - piece.start;
        if (note)
            add_address(s, piece.start, piece.end);
    }
    survey_close(&s->survey);
    return true;
}

/* Data of a module that has had no event yet is a module's all the same, and
   the trace must know it. */
static void note_modules(struct snapshot *s)
{
    struct range piece;
    if (!survey_open(&s->survey, &s->own))
        return;
    while (survey_next(&s->survey, &piece))
        if (s->survey.now.path[0] == '/' && !s->survey.now.shared)
            module_find(piece.start);
    survey_close(&s->survey);
    writer_tell_modules();
}

static void list_own(struct snapshot *s)
{
    s->own.n = 0;
    survey_own(&s->own);
    ranges_add(&s->own, (uintptr_t)s, (uintptr_t)s + LEN);
    /* it knows the last block that was recorded */
    ranges_add(&s->own, (uintptr_t)&shim_visitor,
               (uintptr_t)(&shim_visitor + 1));
    ranges_settle(&s->own);
}

static void put_begin(struct snapshot *s)
{
    const struct allocator by = allocator();
    struct piece *to = &s->out;
    if (!piece_begin(to, OURO_SNAP_BEGIN, PIECE_RECORD))
        return;
    *to->at++ = (unsigned char)s->why;
    *to->at++ = config()->snapshot;
    *to->at++ = s->flags;
    piece_unsigned(to, module_epoch());
    piece_unsigned(to, s->os_thread);
    piece_unsigned(to, by.malloc);
    piece_unsigned(to, encode_zigzag((uint64_t)by.tls));
    piece_unsigned(to, by.tls_len);
    piece_text(to, s->name);
    piece_end(to);
}

static void put_taker(struct snapshot *s)
{
    const struct taker *k = &s->taker;
    struct piece *to = &s->out;
    if (!piece_begin(to, OURO_SNAP_THREAD, PIECE_RECORD))
        return;
    piece_unsigned(to, shim_visitor.number);
    piece_unsigned(to, s->os_thread);
    *to->at++ = OURO_SNAP_TAKER;
    piece_unsigned(to, k->sp);
    piece_unsigned(to, k->sure);
    piece_unsigned(to, 0);
    piece_unsigned(to, k->tp);
    piece_unsigned(to, k->n_registers);
    for (uint32_t i = 0; i < k->n_registers; i++)
        piece_unsigned(to, k->registers[i]);
    piece_end(to);
}

static void put_other(struct snapshot *s, const struct standstill_thread *k)
{
    struct piece *to = &s->out;
    if (!piece_begin(to, OURO_SNAP_THREAD, PIECE_RECORD))
        return;
    piece_unsigned(to, k->thread);
    piece_unsigned(to, k->os_thread);
    *to->at++ = k->seen;
    piece_unsigned(to, k->sp);
    piece_unsigned(to, k->sure);
    piece_unsigned(to, 0);
    piece_unsigned(to, k->tp);
    piece_unsigned(to, k->n_registers);
    for (uint32_t i = 0; i < k->n_registers; i++)
        piece_unsigned(to, k->registers[i]);
    piece_end(to);
}

static int what_is(const struct mapping *m)
{
    if (m->shared)
        return OURO_SNAP_SHARED;
    if (strcmp(m->path, "[heap]") == 0)
        return OURO_SNAP_HEAP;
    if (strcmp(m->path, "[stack]") == 0)
        return OURO_SNAP_STACK;
    return m->path[0] == '/' ? OURO_SNAP_FILE : OURO_SNAP_ANONYMOUS;
}

static void put_region(struct snapshot *s, const struct range *r, int what)
{
    struct piece *to = &s->out;
    words_close(&s->words);
    if (!piece_begin(to, OURO_SNAP_REGION, PIECE_RECORD))
        return;
    piece_unsigned(to, r->start);
    piece_unsigned(to, r->end - r->start);
    *to->at++ = (unsigned char)what;
    *to->at++ = 0;
    piece_text(to, s->survey.now.path);
    piece_end(to);
    s->n_regions++;
}

static void tell_pages(struct snapshot *s, struct range run)
{
    while (run.start < run.end && !s->out.failed) {
        size_t n = run.end - run.start;
        n = n < sizeof s->copy ? n : sizeof s->copy;
        const size_t got = pages_copy(&s->pages, s->copy, run.start, n);
        words_tell(&s->words, run.start, s->copy, got / sizeof s->copy[0]);
        run.start += got;
        if (got == n)
            continue;
        /* The rest of a page that cannot be read. */
        n = s->pages.page - run.start % s->pages.page;
        n = n < run.end - run.start ? n : run.end - run.start;
        s->pages.unreadable += n;
        run.start += n;
    }
}

/* False: nobody says what there is. */
static bool put_memory(struct snapshot *s)
{
    struct range piece, run;
    if (!survey_open(&s->survey, &s->own))
        return false;
    while (!s->out.failed && survey_next(&s->survey, &piece)) {
        const int what = what_is(&s->survey.now);
        const enum pages_kind kind = what == OURO_SNAP_SHARED ? PAGES_SHARED
                                     : what == OURO_SNAP_FILE ? PAGES_COPIED
                                                              : PAGES_PRIVATE;
        put_region(s, &piece, what);
        while (pages_next(&s->pages, kind, piece.start, piece.end, &run)) {
            tell_pages(s, run);
            piece.start = run.end;
        }
    }
    words_close(&s->words);
    survey_close(&s->survey);
    return true;
}

static void put_end(struct snapshot *s)
{
    struct piece *to = &s->out;
    const uint64_t ns = clock_ns(CLOCK_MONOTONIC) - s->start_ns;
    if (!piece_begin(to, OURO_SNAP_END, PIECE_RECORD))
        return;
    piece_unsigned(to, s->n_regions);
    piece_unsigned(to, s->words.n_read);
    piece_unsigned(to, s->words.n_told);
    piece_unsigned(to, s->pages.unreadable);
    piece_unsigned(to, s->flags & OURO_SNAP_IN_PLACE ? ns : s->still_ns);
    piece_unsigned(to, ns);
    piece_end(to);
}

static void put(struct snapshot *s)
{
    s->words =
        words_to(&s->out, &s->addresses, config()->snapshot == OURO_SNAP_IMAGE);
    pages_open(&s->pages);
    put_begin(s);
    put_taker(s);
    for (uint32_t i = 0; i < s->n_others; i++)
        put_other(s, &s->others[i]);
    if (put_memory(s))
        put_end(s);
    pages_close(&s->pages);
    piece_close(&s->out);
}

/* In the copy. */
static _Noreturn void put_and_end(struct snapshot *s)
{
    const uint64_t bytes = s->bytes;
    s->still_ns = clock_ns(CLOCK_MONOTONIC) - s->start_ns;
    if (!look(s, false) || s->bytes < bytes)
        copy_end(STATUS_LACKS);
    put(s);
    copy_end(STATUS_WHOLE);
}

/* True: it is done, or has been tried. */
static bool put_by_copy(struct snapshot *s)
{
    const long pid = copy_make();
    if (pid < 0)
        return false;
    if (pid == 0)
        put_and_end(s);
    standstill_end();
    return copy_wait(pid) != STATUS_LACKS;
}

/* ".", ".." and a directory for each thread. */
static bool is_alone(void)
{
    struct stat tasks = {.st_nlink = 0};
    return RAW_CALL4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) ==
               0 &&
           tasks.st_nlink == 3;
}

/* From here on nothing that others do is in the snapshot, and all that they
   have recorded is before it. */
static void make_still(struct snapshot *s)
{
    bool all_listed;
    s->start_ns = clock_ns(CLOCK_MONOTONIC);
    s->n_others = standstill_begin(s->others, OTHERS, &all_listed);
    s->flags &= (uint8_t)~OURO_SNAP_UNSURE;
    if (!all_listed)
        s->flags |= OURO_SNAP_UNSURE;
    s->out.stamp = clock_stamp();
}

static void take(struct snapshot *s, const struct stack_here *here)
{
    const bool alone = is_alone();
    list_own(s);
    note_modules(s);
    taker_find(&s->taker, &s->stack, here);
    s->start_ns = clock_ns(CLOCK_MONOTONIC);
    if (s->out.stamp == 0)
        s->out.stamp = clock_stamp();
    if (!alone)
        make_still(s);
    look(s, true);
    add_modules(s);
    ranges_settle(&s->addresses);
    if (!alone) {
        if (put_by_copy(s))
            return;
        standstill_end();
        make_still(s);
    }
    s->flags |= OURO_SNAP_IN_PLACE;
    put(s);
    standstill_end();
}

static void take_with_room(int why, const char *name,
                           const struct stack_here *here)
{
    const long at =
        RAW_CALL6(SYS_mmap, 0, LEN, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(at))
        return;
    struct snapshot *s = (struct snapshot *)at;
    s->why = why;
    s->name = name;
    s->os_thread = (uint32_t)RAW_CALL0(SYS_gettid);
    s->own.at = s->own_at;
    s->own.room = OWN;
    s->addresses.at = s->addresses_at;
    s->addresses.room = ADDRESSES;
    s->out.bytes = s->chunk;
    s->out.snapshot = atomic_fetch_add(&shim_taken, 1) + 1;
    s->out.os_thread = s->os_thread;
    if (why == OURO_SNAP_SAID && shim_visitor.thread)
        s->out.stamp = shim_visitor.thread->stamp;
    take(s, here);
    RAW_CALL2(SYS_munmap, at, LEN);
}

/* False: the other one takes too long. */
static bool begin(void)
{
    const struct timespec second = {.tv_sec = 1};
    for (int i = 0; i < PATIENCE; i++) {
        uint32_t free = 0;
        if (atomic_compare_exchange_strong(&shim_busy, &free, 1))
            return true;
        RAW_CALL4(SYS_futex, &shim_busy, FUTEX_WAIT_PRIVATE, 1, &second);
    }
    return false;
}

static void end(void)
{
    atomic_store(&shim_busy, 0);
    RAW_CALL3(SYS_futex, &shim_busy, FUTEX_WAKE_PRIVATE, 1);
}

void snapshot_take(int why, const char *name, const struct stack_here *here)
{
    uint64_t before;
    if (!config()->snapshot || !life_is_recording() ||
        shim_header->pid != (uint32_t)RAW_CALL0(SYS_getpid) ||
        !raw_block_signals(&before))
        return;
    if (begin()) {
        take_with_room(why, name, here);
        if (file_is_buffered())
            file_put(shim_header, sizeof *shim_header, 0);
        end();
    }
    raw_set_signals(before);
}
