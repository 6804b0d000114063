/* SPDX-License-Identifier: MIT */
#include "snapshot_put.h"

#include "allocator.h"
#include "clock.h"
#include "config.h"
#include "freed.h"
#include "module.h"

#include <string.h>
#include <time.h>

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
    piece_unsigned(to, s->taker.os_thread);
    piece_unsigned(to, by.malloc);
    piece_unsigned(to, encode_zigzag((uint64_t)by.tls));
    piece_unsigned(to, by.tls_len);
    piece_text(to, s->name);
    piece_end(to);
}

static void put_thread(struct snapshot *s, const struct standstill_thread *k)
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

/* Is its stack there still? libc writes its own address where tp points. */
static bool is_kept(struct snapshot *s, uintptr_t tp)
{
    uintptr_t words[3] = {0};
    if (pages_copy(&s->pages, words, tp, sizeof words) != sizeof words)
        return false;
#if defined(__x86_64__)
    return words[0] == tp && words[2] == tp;
#else
    return words[0] != 0;
#endif
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

/* What the allocator has back has had its time: no block, and no root. */
static void find_freed(struct snapshot *s)
{
    struct range piece;
    struct range heap = {0, 0};
    struct range data = {0, 0};
    const struct module *by = module_find(allocator().malloc);
    if (!by || !survey_open(&s->survey, &s->own))
        return;
    while (survey_next(&s->survey, &piece)) {
        const struct mapping *m = &s->survey.now;
        const int what = what_is(m);
        if (what == OURO_SNAP_HEAP && m->writable && heap.end == 0)
            heap = piece;
        if (what == OURO_SNAP_FILE && m->writable && data.end == 0 &&
            piece.start - by->start < by->end - by->start)
            data = piece;
    }
    survey_close(&s->survey);
    if (heap.end > 0 && data.end > 0)
        freed_find(&s->idle, &s->pages, heap, data, s->copy, sizeof s->copy);
}

/* False: nobody says what there is. */
static bool put_memory(struct snapshot *s)
{
    struct range piece, run, busy;
    if (!survey_open(&s->survey, &s->own))
        return false;
    while (!s->out.failed && survey_next(&s->survey, &piece)) {
        const int what = what_is(&s->survey.now);
        const enum pages_kind kind = what == OURO_SNAP_SHARED ? PAGES_SHARED
                                     : what == OURO_SNAP_FILE ? PAGES_COPIED
                                                              : PAGES_PRIVATE;
        put_region(s, &piece, what);
        while (pages_next(&s->pages, kind, piece.start, piece.end, &run)) {
            piece.start = run.end;
            for (; idle_next(&s->idle, run, &busy); run.start = busy.end)
                tell_pages(s, busy);
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

void snapshot_put(struct snapshot *s)
{
    s->words =
        words_to(&s->out, &s->addresses, config()->snapshot == OURO_SNAP_IMAGE);
    pages_open(&s->pages);
    put_begin(s);
    put_thread(s, &s->taker);
    for (uint32_t i = 0; i < s->n_others; i++)
        if (s->others[i].seen != OURO_SNAP_ENDED || is_kept(s, s->others[i].tp))
            put_thread(s, &s->others[i]);
    if (s->is_alone && config()->snapshot == OURO_SNAP_POINTERS)
        find_freed(s);
    if (put_memory(s))
        put_end(s);
    pages_close(&s->pages);
    piece_close(&s->out);
}
