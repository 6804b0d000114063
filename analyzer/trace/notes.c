/* SPDX-License-Identifier: MIT */
/*
 * What the first walk learns about the process. A walk that its visitor ends
 * early begins again from nothing the next time.
 */
#include "trace/state.h"

#include <stdlib.h>
#include <string.h>

static void note_thread(struct trace *t, uint32_t thread)
{
    struct trace_state *s = t->state;
    GROW(s->threads, s->n_threads, s->room_threads);
    s->threads[s->n_threads++] = thread;
}

void notes_begin(struct trace *t)
{
    struct trace_state *s = t->state;
    s->n_threads = s->n_gone = 0;
    t->n_modules = t->argc = t->n_argv = t->n_threads = 0;
    t->argv = NULL;
    t->exe = t->cwd = "";
    t->n_events = t->n_folded = t->last_stamp = 0;
    t->n_lost = t->header.lost_events;
    t->bypass = NULL;
    t->suppressions = "";
    t->suppressions_len = 0;
    t->end_how = 0;
    t->exiting = false;
    t->end_status = -1;
    for (uint32_t i = 0; i < t->n_chunks; i++)
        if (t->chunks[i].len > 0)
            note_thread(t, t->chunks[i].thread);
}

/* The first record of its kind counts: there should be no other. */
static void note_process(struct trace *t, const struct decoder *d)
{
    if (t->argv)
        return;
    t->exe = t->strings.text[d->detail.exe];
    t->cwd = t->strings.text[d->detail.cwd];
    t->argc = d->detail.argc;
    t->n_argv = d->detail.n_argv;
    t->argv = ARENA_ARRAY(&t->state->arena, t->n_argv, const char *);
    for (uint32_t i = 0; i < t->n_argv; i++)
        t->argv[i] = t->strings.text[d->detail.argv[i]];
}

static void note_module(struct trace *t, const struct decoder *d)
{
    struct module m = d->detail.module;
    m.build_id = (const unsigned char *)arena_text(
        &t->state->arena, (const char *)m.build_id, m.build_id_len);
    GROW(t->modules, t->n_modules, t->state->room_modules);
    t->modules[t->n_modules++] = m;
}

static void note_gone(struct trace *t, const struct decoder *d)
{
    struct trace_state *s = t->state;
    GROW(s->gone, s->n_gone, s->room_gone);
    s->gone[s->n_gone++] = d->detail.module;
}

static void note_lost(struct trace *t, uint64_t n)
{
    if (__builtin_add_overflow(t->n_lost, n, &t->n_lost))
        t->n_lost = UINT64_MAX;
}

enum { MOST_SUPPRESSIONS = 1 << 20 };

static void note_suppressions(struct trace *t, const char *piece)
{
    struct trace_state *s = t->state;
    if (t->suppressions_len + strlen(piece) > MOST_SUPPRESSIONS)
        return;
    for (; *piece; piece++) {
        GROW(s->suppressions, t->suppressions_len, s->room_suppressions);
        s->suppressions[t->suppressions_len++] = *piece;
    }
    if (t->suppressions_len > 0)
        t->suppressions = s->suppressions;
}

void notes_process(struct trace *t, const struct decoder *d,
                   const struct event *e)
{
    if (t->end_how == OURO_END_EXEC && e->thread == t->state->end_thread &&
        kinds[e->kind].counted)
        t->end_how = 0; /* the exec failed */
    switch (e->kind) {
    case OURO_THREAD:
    case OURO_AS:
        note_thread(t, e->thread);
        break;
    case OURO_PROCESS:
        note_process(t, d);
        break;
    case OURO_MODULE:
        note_module(t, d);
        break;
    case OURO_UNMODULE:
        note_gone(t, d);
        break;
    case OURO_LOST:
        note_lost(t, (uint64_t)e->n);
        break;
    case OURO_FOLDED:
        t->n_events += folded_events(e);
        t->n_folded += folded_events(e);
        break;
    case OURO_SUPPRESSIONS:
        note_suppressions(t, t->strings.text[e->text]);
        break;
    case OURO_GAP:
        if (e->flags != OURO_GAP_ONCE && !t->bypass)
            t->bypass = t->strings.text[e->text];
        break;
    case OURO_EXITING:
        t->exiting = true;
        if (t->end_how == 0)
            t->end_status = e->n;
        break;
    case OURO_END:
        t->end_how = e->flags;
        t->end_status = e->n;
        t->state->end_thread = e->thread;
        break;
    default: /* says nothing about the process as a whole */
        break;
    }
}

void notes_plain(struct trace *t, const struct event *events, uint32_t n)
{
    const struct event *last = &events[n - 1];
    uint32_t counted = 0;
    for (uint32_t i = 0; i < n; i++)
        counted += kinds[events[i].kind].counted;
    t->n_events += counted;
    if (last->stamp > t->last_stamp)
        t->last_stamp = last->stamp;
    if (t->end_how == OURO_END_EXEC && counted > 0 &&
        last->thread == t->state->end_thread)
        t->end_how = 0; /* the exec failed */
}

static int by_number(const void *one, const void *other)
{
    const uint32_t a = *(const uint32_t *)one;
    const uint32_t b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static uint32_t n_different(uint32_t *numbers, uint32_t n)
{
    uint32_t different = 0;
    qsort(numbers, n, sizeof *numbers, by_number);
    for (uint32_t i = 0; i < n; i++)
        different += i == 0 || numbers[i] != numbers[i - 1];
    return different;
}

void notes_end(struct trace *t)
{
    if (t->state->n_threads > 0)
        t->n_threads = n_different(t->state->threads, t->state->n_threads);
    modules_index(t);
    t->state->walked = true;
}
