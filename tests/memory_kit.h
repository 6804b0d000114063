/* SPDX-License-Identifier: MIT */
/*
 * memory_kit.h - a small memory and what a program did to get it
 *
 *     memory_begin();
 *     BLOCK(HEAP, 64);                 events, before the snapshot
 *     memory_snapshot(...);            SNAPSHOT, SNAP_THREAD, build_region,
 *     build_word(&kit.b, DATA, HEAP);  build_word: as build_snapshot.h says
 *     const struct memory *m = remembered();
 *
 * A trace is written to a file and goes the whole way: read, replayed, its
 * blocks caught, its words read.
 */
#ifndef TESTS_MEMORY_KIT_H
#define TESTS_MEMORY_KIT_H

#include "build_snapshot.h"
#include "collect/reach.h"
#include "shadow/memory.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where things are. */
#define PROGRAM   UINT64_C(0x400000)
#define DATA      UINT64_C(0x480000) /* the program's */
#define HEAP      UINT64_C(0x1000000)
#define PAGES     UINT64_C(0x7f0000000000)
#define LIBC      UINT64_C(0x7f1000000000)
#define LIBC_DATA UINT64_C(0x7f1000180000)
#define STACK     UINT64_C(0x7ff000000000)
#define PAGE      UINT64_C(0x1000)

static struct memory_kit {
    struct build b;
    struct trace t;
    struct shadow s;
    struct snapshots snapshots;
    struct memory m;
    char path[64];
    uint64_t stamp;
    bool built, made;
    bool open;   /* the snapshot is not ended yet */
    bool caught; /* in the first pass, and not by memory_make itself */
} kit;

static inline void memory_begin(void)
{
    build_begin(&kit.b);
    kit.built = true;
    kit.caught = true;
    kit.stamp = 1000;
    build_chunk(&kit.b, 1, kit.stamp);
    build_module(&kit.b, kit.stamp, 0, 1, PROGRAM, PROGRAM, DATA + 16 * PAGE,
                 "0123456789abcdefghij", "/nowhere/program");
    build_module(&kit.b, kit.stamp, 0, 2, LIBC, LIBC, LIBC_DATA + 16 * PAGE,
                 "abcdefghij0123456789", "/lib/x86_64-linux-gnu/libc.so.6");
}

static inline void memory_end(void)
{
    if (kit.made) {
        memory_release(&kit.m);
        shadow_release(&kit.s);
        snapshots_release(&kit.snapshots);
        trace_close(&kit.t);
    }
    if (kit.built)
        build_release(&kit.b);
    memset(&kit, 0, sizeof kit);
}

static inline void memory_say(unsigned kind, struct build_record r)
{
    r.stamp = kit.stamp += 1000;
    build_record(&kit.b, kind, &r);
}

#define SAY(kind, ...) memory_say((kind), (struct build_record){__VA_ARGS__})
#define BLOCK(p, n)    SAY(OURO_ALLOC + OURO_ENTRY_MALLOC, .a = (p), .size = (n))
#define FREE(p)        SAY(OURO_FREE, .a = (p))

/* A snapshot of now, with malloc in libc. */
static inline void memory_snapshot(void)
{
    SNAPSHOT(&kit.b, 1, kit.stamp, .why = OURO_SNAP_EXIT,
             .mode = OURO_SNAP_IMAGE, .malloc_at = LIBC + 0x1000);
    kit.open = true;
}

static inline void memory_open(void)
{
    struct err e;
    snprintf(kit.path, sizeof kit.path, "/tmp/check_memory.%d.trace",
             (int)getpid());
    ck_assert(build_save(&kit.b, kit.path));
    ck_assert_int_eq(trace_open(&kit.t, kit.path, &e), 0);
    unlink(kit.path);
    ck_assert_msg(snapshots_read(&kit.snapshots, &kit.t, &e) == 0, "%s",
                  e.text);
}

/* Of the last snapshot, which is ended here if it is open. */
static inline const struct memory *remembered(void)
{
    struct err e;
    if (kit.open)
        build_snapshot_end(&kit.b);
    memory_open();
    const struct snapshot *last = snapshots_last(&kit.snapshots);
    ck_assert(last);
    const struct gc_options o = {.catches = kit.caught,
                                 .catch_at = last->stamp};
    ck_assert_msg(shadow_build(&kit.s, &kit.t, NULL, &o, &e) == 0, "%s",
                  e.text);
    ck_assert_msg(memory_make(&kit.m, &kit.s, &kit.t, NULL, last, &e) == 0,
                  "%s", e.text);
    ck_assert(memory_is_valid(&kit.m));
    kit.made = true;
    return &kit.m;
}

/* How the block at that address is reached. */
static inline int reached(uint64_t addr)
{
    const uint32_t node = memory_node(&kit.m, addr);
    ck_assert_msg(node != OURO_NONE, "nothing is at %#llx",
                  (unsigned long long)addr);
    return kit.m.reached[node];
}

#endif
