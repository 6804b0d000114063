/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "allocator.h"
#include "clock.h"
#include "config.h"
#include "copy.h"
#include "file.h"
#include "life.h"
#include "module.h"
#include "raw.h"
#include "snapshot_put.h"
#include "taker.h"
#include "thread.h"
#include "tick.h"
#include "writer.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { PATIENCE = 600 }; /* seconds that one waits for another's snapshot */

/* What the copy ends with where it has not got all that the process has. */
enum { STATUS_WHOLE = 0, STATUS_LACKS = 1 };

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

static void look_around(struct snapshot *s)
{
    s->own.n = 0;
    survey_own(&s->own);
    ranges_add(&s->own, (uintptr_t)s, (uintptr_t)s + LEN);
    ranges_settle(&s->own);
    s->addresses.n = 0;
    look(s, true);
    add_modules(s);
    ranges_settle(&s->addresses);
}

/* From here on nothing that others do is in the snapshot, and all that they
   have recorded is before it. */
static void make_still(struct snapshot *s)
{
    bool all_listed;
    s->start_ns = clock_ns(CLOCK_MONOTONIC);
    s->n_others = standstill_begin(s->others, SNAPSHOT_OTHERS, &all_listed);
    s->flags = all_listed ? 0 : OURO_SNAP_UNSURE;
    s->out.stamp = tick_now();
}

static _Noreturn void put_in_copy(struct snapshot *s)
{
    const uint64_t bytes = s->bytes;
    s->still_ns = clock_ns(CLOCK_MONOTONIC) - s->start_ns;
    if (look(s, false) && s->bytes < bytes)
        copy_end(STATUS_LACKS);
    s->is_alone = true;
    snapshot_put(s);
    copy_end(STATUS_WHOLE);
}

static bool is_listed(const struct snapshot *s, uintptr_t tp)
{
    for (uint32_t i = 0; i < s->n_others; i++)
        if (s->others[i].tp == tp || s->others[i].tp == 0)
            return true;
    return s->taker.tp == tp;
}

/* Threads that are no more: libc may keep their stacks. One that cannot be told
   from a live one is none of them. */
static void add_ended(struct snapshot *s)
{
    if (s->flags & OURO_SNAP_UNSURE)
        return;
    for (struct thread *t = thread_all(); t; t = t->next)
        if (t->tp && !atomic_load(&t->keeper) && !is_listed(s, t->tp) &&
            s->n_others < SNAPSHOT_OTHERS)
            s->others[s->n_others++] = (struct standstill_thread){
                .thread = t->user, .seen = OURO_SNAP_ENDED, .tp = t->tp};
}

/* False: nothing was written. */
static bool take_by_copy(struct snapshot *s)
{
    if (!file_is_common())
        return false;
    make_still(s);
    add_ended(s);
    look_around(s);
    const long pid = copy_make();
    if (pid == 0)
        put_in_copy(s);
    standstill_end();
    return pid > 0 && copy_wait(pid) != STATUS_LACKS;
}

static void take_in_place(struct snapshot *s)
{
    add_ended(s);
    look_around(s);
    s->flags |= OURO_SNAP_IN_PLACE;
    snapshot_put(s);
}

/* ".", ".." and a directory for each thread. */
static bool is_alone(void)
{
    struct stat tasks = {.st_nlink = 0};
    return RAW_CALL4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) ==
               0 &&
           tasks.st_nlink == 3;
}

static void take(struct snapshot *s)
{
    note_modules(s);
    taker_find(&s->taker, s->why == OURO_SNAP_EXIT);
    s->out.os_thread = s->taker.os_thread;
    if (is_alone()) {
        s->start_ns = clock_ns(CLOCK_MONOTONIC);
        s->is_alone = true;
        take_in_place(s);
    } else if (!take_by_copy(s)) {
        make_still(s);
        take_in_place(s);
        standstill_end();
    }
}

static void take_with_room(int why, const char *name)
{
    const long at =
        RAW_CALL6(SYS_mmap, 0, LEN, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(at))
        return;
    struct snapshot *s = (struct snapshot *)at;
    s->why = why;
    s->name = name;
    s->own.at = s->own_at;
    s->own.room = SNAPSHOT_OWN;
    s->addresses.at = s->addresses_at;
    s->addresses.room = SNAPSHOT_ADDRESSES;
    s->out.bytes = s->chunk;
    s->out.snapshot = atomic_fetch_add(&shim_taken, 1) + 1;
    s->out.stamp = why == OURO_SNAP_SAID && shim_visitor.thread
                       ? shim_visitor.thread->stamp
                       : tick_now();
    take(s);
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

void snapshot_take(int why, const char *name)
{
    uint64_t before;
    if (!config()->snapshot || !life_is_recording() ||
        shim_header->pid != (uint32_t)RAW_CALL0(SYS_getpid) ||
        !raw_block_signals(&before))
        return;
    if (begin()) {
        file_moment_begins();
        take_with_room(why, name);
        file_moment_told();
        if (file_is_buffered())
            file_put(shim_header, sizeof *shim_header, 0);
        end();
    }
    raw_set_signals(before);
}
