/* SPDX-License-Identifier: MIT */
#include "fold/event_writer.h"

#include "arena.h"
#include "trace/kinds.h"
#include "trace/varint.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 16 * OURO_VARINT_MAX }; /* of one record */

void event_writer_begin(struct event_writer *w, const struct trace *t)
{
    *w = (struct event_writer){.t = t};
}

void event_writer_release(struct event_writer *w)
{
    free(w->bytes);
    free(w->path);
    table_release(&w->numbers);
    table_release(&w->strings);
    *w = (struct event_writer){0};
}

static void make_room(struct event_writer *w, size_t more)
{
    if (w->room - w->n >= more)
        return;
    w->room = 2 * w->room + more + 4096;
    w->bytes = must_realloc(w->bytes, w->room, 1);
}

static void put_byte(struct event_writer *w, unsigned byte)
{
    w->bytes[w->n++] = (unsigned char)byte;
}

static void put(struct event_writer *w, uint64_t v)
{
    w->n = (size_t)(varint_put(w->bytes + w->n, v) - w->bytes);
}

static void put_bytes(struct event_writer *w, const void *bytes, size_t len)
{
    make_room(w, len + NUMBERS_MAX);
    put(w, len);
    if (len > 0)
        memcpy(w->bytes + w->n, bytes, len);
    w->n += len;
}

static void put_text(struct event_writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

static void put_string(struct event_writer *w, uint32_t text)
{
    const uint64_t number = text == 0 ? 0 : table_get(&w->strings, text);
    if (text == 0 || number > 0) {
        put(w, text == 0 ? 0 : number + 1);
        return;
    }
    table_set(&w->strings, text, ++w->n_strings);
    put(w, 1);
    put_text(w, w->t->strings.text[text]);
}

static void put_address(struct event_writer *w, uint64_t addr)
{
    put(w, varint_step(w->addr, addr));
    w->addr = addr;
}

/* A long record's length goes before its fields: they are written, then moved.
   Where the fields begin. */
static size_t begin_long(struct event_writer *w, unsigned kind, uint64_t stamp)
{
    make_room(w, NUMBERS_MAX);
    put_byte(w, kind);
    w->n += OURO_VARINT_MAX;
    const size_t at = w->n;
    put(w, stamp - w->stamp);
    w->stamp = stamp;
    return at;
}

static void end_long(struct event_writer *w, size_t at)
{
    const size_t len = w->n - at;
    w->n = at - OURO_VARINT_MAX;
    put(w, len);
    memmove(w->bytes + w->n, w->bytes + at, len);
    w->n += len;
}

static void put_as(struct event_writer *w, uint32_t thread, uint32_t epoch)
{
    if (w->thread == thread && w->epoch == epoch)
        return;
    const size_t at = begin_long(w, OURO_AS, w->stamp);
    put(w, w->thread = thread);
    put(w, w->epoch = epoch);
    end_long(w, at);
}

/* THREAD empties the stack and the frames. */
static void forget_stack(struct event_writer *w)
{
    make_room(w, NUMBERS_MAX);
    put_byte(w, OURO_THREAD);
    put(w, 0);
    put(w, w->thread);
    put(w, 0);
    table_clear(&w->numbers);
    w->n_numbers = 0;
    w->ip = 0;
    w->stack = 0;
    w->depth = 0;
    w->is_odd = false;
}

static void put_cut(struct event_writer *w, uint32_t n)
{
    make_room(w, NUMBERS_MAX);
    put_byte(w, OURO_CUT);
    put(w, 0);
    put(w, n);
}

static void put_frame(struct event_writer *w, uint32_t frame)
{
    const uint64_t number = table_get(&w->numbers, (uint64_t)frame + 1);
    const uint64_t ip = w->t->stacks.frames[frame].ip;
    put(w, number);
    if (number > 0)
        return;
    put(w, varint_zigzag((int64_t)(ip - w->ip)));
    w->ip = ip;
    table_set(&w->numbers, (uint64_t)frame + 1, ++w->n_numbers);
}

/* How many of the frames one STACK record can push: a new one is of the epoch
   that holds. */
static uint32_t n_of_epoch(struct event_writer *w, const uint32_t *frames,
                           uint32_t n)
{
    bool any = false;
    uint32_t epoch = w->epoch;
    uint32_t i = n;
    for (; i > 0; i--) {
        const uint32_t frame = frames[i - 1];
        const uint32_t of = w->t->stacks.frames[frame].epoch;
        if (table_get(&w->numbers, (uint64_t)frame + 1) > 0)
            continue;
        if (any && of != epoch)
            break;
        epoch = of;
        any = true;
    }
    put_as(w, w->thread, epoch);
    return n - i;
}

/* The last n of them, the innermost first, come to the current stack. */
static void push(struct event_writer *w, uint32_t pops, const uint32_t *frames,
                 uint32_t n)
{
    while (n > 0 || pops > 0) {
        const uint32_t pushes = n_of_epoch(w, frames, n);
        make_room(w, NUMBERS_MAX + (size_t)pushes * 2 * OURO_VARINT_MAX);
        put_byte(w, OURO_STACK);
        put_byte(w, (pops < 15 ? pops : 15) << 4 | (pushes < 15 ? pushes : 15));
        if (pops >= 15)
            put(w, pops - 15);
        if (pushes >= 15)
            put(w, pushes - 15);
        for (uint32_t i = 0; i < pushes; i++)
            put_frame(w, frames[--n]);
        pops = 0;
    }
}

/* A whole stack of n frames in w->path: in parts, and where its outermost frame
   is not known, on nothing. */
static void put_odd(struct event_writer *w, uint32_t n)
{
    forget_stack(w);
    if (w->path[n - 1] == 0) {
        put_cut(w, 1);
        n--;
    }
    const uint32_t part = n < OURO_MAX_DEPTH ? n : OURO_MAX_DEPTH;
    push(w, 0, w->path + (n - part), part);
    if (n > part) {
        put_cut(w, n - part);
        push(w, 0, w->path, n - part);
    }
    w->is_odd = true;
}

static void put_stack(struct event_writer *w, uint32_t stack)
{
    const struct stacks *s = &w->t->stacks;
    if (stack == w->stack)
        return;
    if (w->is_odd)
        forget_stack(w);
    uint32_t n = 0;
    uint32_t pops = 0;
    /* Callers have smaller numbers: so the two meet. */
    for (uint32_t to = stack, from = w->stack; to != from;) {
        if (from > to) {
            from = s->parent[from];
            pops++;
            continue;
        }
        GROW(w->path, n, w->path_room);
        w->path[n++] = s->frame[to];
        to = s->parent[to];
    }
    w->depth += n - pops;
    if (w->depth > OURO_MAX_DEPTH || (n > 0 && w->path[n - 1] == 0)) {
        n = 0;
        for (uint32_t to = stack; to != 0; to = s->parent[to]) {
            GROW(w->path, n, w->path_room);
            w->path[n++] = s->frame[to];
        }
        put_odd(w, n);
    } else {
        push(w, pops, w->path, n);
    }
    w->stack = stack;
}

static void put_field(struct event_writer *w, const struct event *e, char what)
{
    const bool is_long = e->kind >= FIRST_LONG;
    if (what == 'a' || what == 'b') {
        const uint64_t addr = what == 'a' ? e->a : e->b;
        if (is_long)
            put(w, addr);
        else
            put_address(w, addr);
    } else if (what == 'c') {
        put_address(w, e->size);
    } else if (what == 'k' || what == 's') {
        put(w, e->size);
    } else if (what == 'n') {
        put(w, varint_zigzag(e->n));
    } else if (what == 'u') {
        put(w, (uint64_t)e->n);
    } else if (what == 'f') {
        put_byte(w, e->flags);
    } else if (what != 't') {
        put(w, e->threshold[what - '0']);
    } else if (is_long) {
        put_text(w, w->t->strings.text[e->text]);
    } else {
        put_string(w, e->text);
    }
}

static void put_fields(struct event_writer *w, const struct event *e)
{
    for (const char *f = shape_fields[kinds[e->kind].shape]; *f; f++)
        put_field(w, e, *f);
}

static void begin_at(struct event_writer *w, const struct event *e)
{
    if (w->begun)
        return;
    w->begun = true;
    w->stamp = w->first_stamp = e->stamp;
    w->thread = w->first_thread = e->thread;
}

void event_writer_put(struct event_writer *w, const struct event *e)
{
    begin_at(w, e);
    put_as(w, e->thread, w->epoch);
    if (e->stack != 0)
        put_stack(w, e->stack);
    const unsigned kind = e->kind | (e->stack != 0 ? OURO_HAS_STACK : 0u);
    if (e->kind >= FIRST_LONG) {
        const size_t at = begin_long(w, kind, e->stamp);
        put_fields(w, e);
        end_long(w, at);
        return;
    }
    make_room(w, NUMBERS_MAX);
    put_byte(w, kind);
    put(w, e->stamp - w->stamp);
    w->stamp = e->stamp;
    put_fields(w, e);
}

void event_writer_thread(struct event_writer *w, uint32_t thread)
{
    put_as(w, thread, w->epoch);
}

static void put_module(struct event_writer *w, const struct module *m)
{
    size_t at = begin_long(w, OURO_MODULE, w->stamp);
    put(w, m->epoch);
    put(w, m->id);
    put(w, m->bias);
    put(w, m->start);
    put(w, m->end);
    put_bytes(w, m->build_id, m->build_id_len);
    put_text(w, m->path);
    end_long(w, at);
    if (m->gone == UINT32_MAX)
        return;
    at = begin_long(w, OURO_UNMODULE, w->stamp);
    put(w, m->gone);
    put(w, m->id);
    end_long(w, at);
}

void event_writer_process(struct event_writer *w, const struct event *first)
{
    const struct trace *t = w->t;
    begin_at(w, first);
    if (t->argv) {
        const size_t at = begin_long(w, OURO_PROCESS, w->stamp);
        put_text(w, t->exe);
        put_text(w, t->cwd);
        make_room(w, NUMBERS_MAX);
        put(w, t->argc);
        put(w, t->n_argv);
        for (uint32_t i = 0; i < t->n_argv; i++)
            put_text(w, t->argv[i]);
        end_long(w, at);
    }
    for (uint32_t i = 0; i < t->n_modules; i++)
        put_module(w, &t->modules[i]);
}
