/* SPDX-License-Identifier: MIT */
/*
 * lost_kit.h - say what a program did and what memory held, get its findings
 *
 *     memory_begin();
 *     AT(1); GET(A, 16);                  a block, asked for at site 1
 *     AT(2); MAKE(B, 16, "Node");         and an object
 *     look();                             from here on memory is told:
 *     WORD(A, B);                         ascending
 *     const struct findings *f = found();
 */
#ifndef TESTS_LOST_KIT_H
#define TESTS_LOST_KIT_H

#include "explain/finding.h"
#include "explain/symbolizer.h"
#include "memory_kit.h"

enum {
    ROOT = 0x480000,
    A = 0x1000000,
    B = 0x1000100,
    C = 0x1000200,
    D = 0x1000300,
    E = 0x1000400,
    SITES = 0x1000
};

static struct findings lost_findings;

static inline void do_at(unsigned kind, struct build_record r)
{
    r.has_stack = true;
    memory_say(kind, r);
}

#define DO(kind, ...) do_at((kind), (struct build_record){__VA_ARGS__})
#define GET(p, n)     DO(OURO_ALLOC + OURO_ENTRY_MALLOC, .a = (p), .size = (n))
#define MAKE(p, n, type)                                                       \
    do {                                                                       \
        GET(p, n);                                                             \
        DO(OURO_REC_NEW, .a = (p), .text = (type));                            \
    } while (0)
#define TAKE(p)           DO(OURO_REC_INCREF, .a = (p))
#define HOLD(p, field, q) DO(OURO_REC_LINK, .a = (p), .text = (field), .b = (q))
#define HOLD_AT(p, field, slot, q)                                             \
    DO(OURO_REC_LINK_AT, .a = (p), .text = (field), .n = -1, .size = (slot),   \
       .b = (q))

/* main -> the site's function */
static inline void AT(unsigned n)
{
    const uint64_t ips[] = {PROGRAM + 0x100,
                            PROGRAM + (uint64_t)SITES * (n + 1)};
    build_stack(&kit.b, 2, ips);
}

/* Memory is seen now: the program's data, then the heap. In the middle of the
   run, or as it ends. */
static inline void look_as(uint8_t why)
{
    SNAPSHOT(&kit.b, 1, kit.stamp, .why = why, .mode = OURO_SNAP_IMAGE,
             .malloc_at = LIBC + 0x1000);
    kit.open = true;
    build_region(&kit.b, DATA, 16 * PAGE, OURO_SNAP_FILE, "/nowhere/program");
}

static inline void look(void)
{
    look_as(OURO_SNAP_SAID);
}

static inline void look_at_heap(void)
{
    build_region(&kit.b, HEAP, 16 * PAGE, OURO_SNAP_HEAP, "[heap]");
}

#define WORD(at, value) build_word(&kit.b, (at), (value))

/* As of the end: what the program did after it was looked at is in another
   chunk. */
static inline void go_on(void)
{
    build_snapshot_end(&kit.b);
    kit.open = false;
    build_chunk(&kit.b, 1, kit.stamp);
}

static inline const struct findings *found(void)
{
    struct err e;
    remembered();
    struct symbolizer *z = symbolizer_begin();
    const int rc = findings_make(&lost_findings, z, &kit.s, &kit.t, NULL,
                                 &kit.m, false, false, NULL, &e);
    symbolizer_end(z);
    ck_assert_msg(rc == 0, "%s", e.text);
    return &lost_findings;
}

static inline void lost_end(void)
{
    findings_release(&lost_findings);
    memory_end();
}

static inline uint32_t how_many(const struct findings *f,
                                enum finding_kind kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++)
        n += f->at[i].kind == kind;
    return n;
}

/* The only finding of that kind. */
static inline const struct finding *only(const struct findings *f,
                                         enum finding_kind kind)
{
    ck_assert_uint_eq(how_many(f, kind), 1);
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i].kind == kind)
            return &f->at[i];
    return NULL;
}

#endif
