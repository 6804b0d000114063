/* SPDX-License-Identifier: MIT */
/*
 * finding_kit.h - say what a program did, get its findings
 *
 *     kit_begin();
 *     AT(1);                      what follows happens at site 1
 *     MALLOC(A, 64);
 *     NEW(A, "Node");
 *     const struct findings *f = found();
 *
 * A trace is written to a file and goes the whole way: read, replay, findings.
 * The program's module is on no disk, so its sites are build-id and offset.
 */
#ifndef TESTS_FINDING_KIT_H
#define TESTS_FINDING_KIT_H

#include "build_trace.h"
#include "explain/finding.h"
#include "explain/symbolizer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PROGRAM = 0x400000,
    GUEST = 0x700000,
    SITES = 0x1000, /* bytes from one site to the next */
};

static struct kit {
    struct build b;
    struct trace t;
    struct shadow s;
    struct findings f;
    char path[64];
    uint64_t stamp;
    bool built, analysed;
} kit;

static void kit_begin(void)
{
    build_begin(&kit.b);
    kit.built = true;
    kit.stamp = 1000;
    build_chunk(&kit.b, 1, kit.stamp);
    build_module(&kit.b, kit.stamp, 0, 1, PROGRAM, PROGRAM, GUEST,
                 "0123456789abcdefghij", "/nowhere/program");
    build_module(&kit.b, kit.stamp, 0, 2, GUEST, GUEST, GUEST + PROGRAM,
                 "abcdefghij0123456789", "/nowhere/libouro.so");
}

static void kit_release(void)
{
    if (kit.analysed) {
        findings_release(&kit.f);
        shadow_release(&kit.s);
        trace_close(&kit.t);
    }
    if (kit.built)
        build_release(&kit.b);
    memset(&kit, 0, sizeof kit);
}

/* One microsecond later; not ck_assert, which costs a system call. */
static inline void say(unsigned kind, struct build_record r)
{
    r.stamp = kit.stamp += 1000;
    r.has_stack = kind != OURO_MODULE && kind < 0x40;
    build_record(&kit.b, kind, &r);
}

#define SAY(kind, ...) say((kind), (struct build_record){__VA_ARGS__})

#define MALLOC(p, n) SAY(OURO_ALLOC + OURO_ENTRY_MALLOC, .a = (p), .size = (n))
#define CALLOC(p, n) SAY(OURO_ALLOC + OURO_ENTRY_CALLOC, .a = (p), .size = (n))
#define FREE(p)      SAY(OURO_FREE, .a = (p))
#define NEW(p, type) SAY(OURO_REC_NEW, .a = (p), .text = (type))
#define INCREF(p)    SAY(OURO_REC_INCREF, .a = (p))
#define DECREF(p)    SAY(OURO_REC_DECREF, .a = (p))
#define LINK(p, field, q)                                                      \
    SAY(OURO_REC_LINK, .a = (p), .text = (field), .b = (q))
#define UNLINK(p, field, q)                                                    \
    SAY(OURO_REC_UNLINK, .a = (p), .text = (field), .b = (q))

/* main -> the site's function */
static inline void AT(unsigned n)
{
    const uint64_t ips[] = {PROGRAM + 0x100,
                            PROGRAM + (uint64_t)SITES * (n + 1)};
    build_stack(&kit.b, 2, ips);
}

static inline const char *kit_path(void)
{
    snprintf(kit.path, sizeof kit.path, "/tmp/check_finding.%d.trace",
             (int)getpid());
    return kit.path;
}

/* Of the trace that is there. */
static inline const struct findings *found_at_path(bool no_leaks)
{
    struct err e;
    ck_assert_int_eq(trace_open(&kit.t, kit.path, &e), 0);
    unlink(kit.path);
    ck_assert_int_eq(shadow_build(&kit.s, &kit.t, NULL, NULL, &e), 0);
    ck_assert(shadow_is_valid(&kit.s));
    struct symbolizer *z = symbolizer_begin();
    const int rc = findings_make(&kit.f, z, &kit.s, &kit.t, NULL, NULL,
                                 no_leaks, false, NULL, &e);
    symbolizer_end(z);
    ck_assert_msg(rc == 0, "%s", e.text);
    kit.analysed = true;
    return &kit.f;
}

static inline const struct findings *found_by(bool no_leaks)
{
    ck_assert(build_save(&kit.b, kit_path()));
    return found_at_path(no_leaks);
}

static inline const struct findings *found(void)
{
    return found_by(false);
}

/* The only finding of that kind. */
static inline const struct finding *only(const struct findings *f,
                                         enum finding_kind kind)
{
    const struct finding *is = NULL;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->at[i].kind == kind) {
            ck_assert_msg(!is, "there are two");
            is = &f->at[i];
        }
    ck_assert_msg(is, "there is none");
    return is;
}

static inline uint32_t how_many(const struct findings *f,
                                enum finding_kind kind)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n; i++)
        n += f->at[i].kind == kind;
    return n;
}

/* A pair that hold each other, and nobody else does. */
static inline void dead_pair(uint64_t p, uint64_t q)
{
    MALLOC(p, 64);
    NEW(p, "Parent");
    MALLOC(q, 32);
    NEW(q, "Child");
    LINK(p, "child", q);
    INCREF(p);
    LINK(q, "parent", p);
    DECREF(p);
}

#endif
