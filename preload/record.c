/* SPDX-License-Identifier: MIT */
/*
 * How an event gets into the chunk: writer_begin makes room for the worst that
 * it can take, and says what has to be said before it (whose chunk this is now,
 * which modules are there, what became of the stack); the record follows; then
 * one commit for all of it.
 */
#include "record.h"

#include "chunk.h"
#include "encode.h"
#include "file.h"
#include "real.h"
#include "said.h"
#include "writer.h"

#include <string.h>

static void give_up_own(const struct scope *s, const void *block)
{
    if (s->is_own)
        scope_forget_own(block);
}

/* Between OURO_DISABLE and OURO_ENABLE: what was free may be in use again, and
   its end is no second one. */
static void record_unseen(const struct stack_here *here)
{
    static const struct record_field fields[] = {
        {RECORD_BYTE, OURO_GAP_ONCE, NULL}, {RECORD_TEXT, 0, ""}};
    struct scope s;
    if (!scope_enter(&s, here, NULL))
        return;
    record_fields(s.thread, OURO_GAP, fields, 2, NULL);
    scope_leave(&s);
}

static inline __attribute__((always_inline)) void put_alloc(
    struct thread *t, int entry, const void *block, size_t size,
    const struct stack_here *here)
{
    struct writer w;
    if (!writer_begin_stack(&w, t, here, 0))
        return;
    unsigned char *at = writer_head(&w, OURO_ALLOC + entry);
    at = encode_addr(at, &t->addr, (uintptr_t)block);
    t->at = encode_unsigned(at, size);
    chunk_commit(t);
}

/* Not a plain visit. */
static __attribute__((noinline)) void record_alloc_rarely(
    int entry, const void *block, size_t size, const struct stack_here *here)
{
    struct scope s;
    if (shim_visitor.disabled) {
        record_unseen(here);
        return;
    }
    if (!scope_enter(&s, here, block)) {
        if (s.is_own)
            scope_note_own(block);
        return;
    }
    put_alloc(s.thread, entry, block, size, here);
    shim_visitor.given = thread_hidden(block);
    scope_leave(&s);
}

void record_alloc(int entry, const void *block, size_t size,
                  const struct stack_here *here)
{
    struct thread *t = shim_visitor.disabled ? NULL : scope_enter_plainly(here);
    if (__builtin_expect(!t, 0)) {
        if (life_state() != LIFE_OFF)
            record_alloc_rarely(entry, block, size, here);
        return;
    }
    put_alloc(t, entry, block, size, here);
    shim_visitor.given = thread_hidden(block);
    scope_leave_plainly();
}

void record_new_end(int entry, const void *block, size_t size,
                    const struct stack_here *here)
{
    if (shim_visitor.given != thread_hidden(block))
        record_alloc(entry, block, size, here);
}

/* Deeper than the operator delete that has it: from inside that. */
static bool is_going(const void *block, const struct stack_here *here)
{
    struct thread_going *going = &shim_visitor.going;
    if (__builtin_expect(going->block != thread_hidden(block), 1) ||
        here->sp >= going->sp)
        return false;
    going->block = 0;
    return true;
}

static inline __attribute__((always_inline)) bool put_before(struct thread *t,
                                                             int kind,
                                                             const void *block)
{
    struct writer w;
    if (!writer_begin_bare(&w, t, 0))
        return false;
    unsigned char *at = writer_head(&w, kind);
    t->at = encode_addr(at, &t->addr, (uintptr_t)block);
    chunk_commit(t);
    return true;
}

/* Not a plain visit. */
static __attribute__((noinline)) void record_free_rarely(
    const void *block, const struct stack_here *here)
{
    struct scope s;
    if (!scope_enter(&s, here, block)) {
        give_up_own(&s, block);
        return;
    }
    put_before(s.thread, OURO_FREE, block);
    scope_leave(&s);
}

void record_free(const void *block, const struct stack_here *here)
{
    if (is_going(block, here))
        return;
    if (shim_visitor.given == thread_hidden(block))
        shim_visitor.given = 0;
    if (__builtin_expect(life_is_loader(here->ip), 0) &&
        scope_forget_own(block))
        return;
    struct thread *t = scope_enter_plainly(here);
    if (__builtin_expect(!t, 0)) {
        if (life_state() != LIFE_OFF)
            record_free_rarely(block, here);
        return;
    }
    put_before(t, OURO_FREE, block);
    scope_leave_plainly();
}

struct thread_going record_delete_begin(const void *block,
                                        const struct stack_here *here)
{
    const struct thread_going outer = shim_visitor.going;
    record_free(block, here);
    shim_visitor.going = (struct thread_going){thread_hidden(block), here->sp};
    return outer;
}

void record_realloc_begin(struct record_realloc *r, const void *old,
                          const struct stack_here *here)
{
    r->is_open = false;
    if (!scope_enter(&r->scope, here, old))
        return;
    if (!put_before(r->scope.thread, OURO_REALLOC_BEGIN, old)) {
        scope_leave(&r->scope);
        return;
    }
    shim_visitor.is_reallocating = true;
    r->is_open = true;
}

/* Of a call that we made ourselves: the block is still ours. */
static void realloc_own(const struct scope *s, int kind, const void *old,
                        const void *block)
{
    if (!s->is_own || kind == OURO_REALLOC_FAILED)
        return;
    scope_forget_own(old);
    if (block)
        scope_note_own(block);
}

void record_realloc_end(struct record_realloc *r, int kind, const void *old,
                        const void *block, size_t size,
                        const struct stack_here *here)
{
    struct writer w;
    if (!r->is_open) {
        realloc_own(&r->scope, kind, old, block);
        return;
    }
    const bool is_unseen = shim_visitor.disabled && kind != OURO_REALLOC_FAILED;
    if (is_unseen)
        kind = OURO_REALLOC_FREED;
    const bool is_new =
        kind == OURO_REALLOC_END || kind == OURO_REALLOC_END_ARRAY;
    struct thread *t = r->scope.thread;
    if (chunk_is_ours() && writer_begin(&w, t, is_new ? here : NULL, 0)) {
        unsigned char *at = writer_head(&w, kind);
        if (is_new) {
            at = encode_addr(at, &t->addr, (uintptr_t)block);
            at = encode_unsigned(at, size);
        }
        t->at = at;
        chunk_commit(t);
    }
    shim_visitor.is_reallocating = false;
    shim_visitor.given = is_new ? thread_hidden(block) : 0;
    scope_leave(&r->scope);
    if (is_unseen)
        record_unseen(here);
}

static size_t room_of(const struct thread *t, const struct record_field *f,
                      int n)
{
    size_t room = 0;
    for (int i = 0; i < n; i++) {
        room += 2 * OURO_VARINT_MAX;
        if (f[i].kind == RECORD_STRING)
            room += writer_string_room(t, f[i].text);
        else if (f[i].kind == RECORD_TEXT || f[i].kind == RECORD_BYTES)
            room += f[i].number;
    }
    return room;
}

/* Of a long record, to the byte: it has no addresses and no strings. */
static size_t len_of(const struct record_field *f, int n)
{
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (f[i].kind == RECORD_TEXT || f[i].kind == RECORD_UNSIGNED)
            len += encode_len(f[i].number);
        if (f[i].kind == RECORD_TEXT || f[i].kind == RECORD_BYTES)
            len += f[i].number;
        if (f[i].kind == RECORD_SIGNED)
            len += encode_len(encode_zigzag(f[i].number));
        if (f[i].kind == RECORD_BYTE)
            len++;
    }
    return len;
}

static void put_fields(struct writer *w, int kind, const struct record_field *f,
                       int n)
{
    struct thread *t = w->thread;
    unsigned char *at = kind < OURO_PROCESS
                            ? writer_head(w, kind)
                            : writer_long_head(w, kind, len_of(f, n));
    for (int i = 0; i < n; i++)
        at = said_put(t, at, &f[i]);
    t->at = at;
    chunk_commit(t);
}

/* Does the trace have a number for each address? */
static bool can_say(const struct thread *t, const struct record_field *f, int n)
{
    uint64_t last = t->chunk ? t->addr : 0;
    for (int i = 0; i < n; i++)
        if (f[i].kind == RECORD_ADDR && !said_can_say(&last, f[i].number))
            return false;
    return true;
}

void record_fields(struct thread *t, int kind, const struct record_field *f,
                   int n, const struct stack_here *here)
{
    struct writer w;
    if (!can_say(t, f, n)) {
        file_count(&shim_header->lost_events);
        return;
    }
    if (writer_begin(&w, t, here, room_of(t, f, n)))
        put_fields(&w, kind, f, n);
}

void record_said(int kind, const struct record_field *fields, int n,
                 const struct stack_here *here, bool with_stack)
{
    struct scope s;
    if (shim_visitor.disabled || !scope_enter(&s, here, NULL))
        return;
    record_fields(s.thread, kind, fields, n, with_stack ? here : NULL);
    scope_leave(&s);
}
