/* SPDX-License-Identifier: MIT */
/*
 * said.h - protocol events, made by the compiler
 *
 * A hook knows which fields its record has: what record_said() would ask of
 * each, and how it is written, is settled where said() is compiled into it.
 * What is not as usual (a string that the chunk has no number for, a text) goes
 * to record.c.
 */
#ifndef PRELOAD_SAID_H
#define PRELOAD_SAID_H

#include "encode.h"
#include "record.h"
#include "writer.h"

#define SAID_INLINE static inline __attribute__((always_inline))

/* Does the trace have a number for an address, after the last one or none? */
SAID_INLINE bool said_can_say(uint64_t *last, uint64_t addr)
{
    const uint64_t before = *last;
    *last = addr;
    return encode_can_say(before, addr) && encode_can_say(0, addr);
}

/* Has the chunk a way to say it that takes no more than two numbers? */
SAID_INLINE bool said_is_usual(const struct thread *t, uint64_t *last,
                               const struct record_field *f)
{
    switch (f->kind) {
    case RECORD_ADDR:
        return said_can_say(last, f->number);
    case RECORD_STRING:
        return writer_knows(t, f->text);
    case RECORD_UNSIGNED:
    case RECORD_SIGNED:
    case RECORD_BYTE:
        return true;
    case RECORD_TEXT:
    case RECORD_BYTES:
        break;
    }
    return false;
}

/* Any field, at `at`; where the next one goes. */
SAID_INLINE unsigned char *said_put(struct thread *t, unsigned char *at,
                                    const struct record_field *f)
{
    switch (f->kind) {
    case RECORD_ADDR:
        return encode_addr(at, &t->addr, f->number);
    case RECORD_STRING:
        return writer_string(t, at, f->text);
    case RECORD_TEXT:
        at = encode_unsigned(at, f->number);
        return encode_bytes(at, f->text, f->number);
    case RECORD_BYTES:
        return encode_bytes(at, f->text, f->number);
    case RECORD_UNSIGNED:
        return encode_unsigned(at, f->number);
    case RECORD_SIGNED:
        return encode_signed(at, f->number);
    case RECORD_BYTE:
        *at = (unsigned char)f->number;
        return at + 1;
    }
    return at;
}

/* False: nothing was written. (In a new chunk there is room for one string that
   it does not know yet.) */
SAID_INLINE bool said_usually(struct thread *t, int kind,
                              const struct record_field *f, int n,
                              const struct stack_here *here)
{
    const size_t room = (size_t)n * 2 * OURO_VARINT_MAX;
    uint64_t last = t->chunk ? t->addr : 0;
    struct writer w;
    bool is_usual = t->chunk != NULL;
#pragma GCC unroll 5
    for (int i = 0; i < n; i++)
        is_usual = is_usual && said_is_usual(t, &last, &f[i]);
    if (__builtin_expect(!is_usual, 0))
        return false;
    if (here ? !writer_begin(&w, t, here, room)
             : !writer_begin_bare(&w, t, room))
        return true; /* it is lost, and counted */
    unsigned char *at = writer_head(&w, kind);
#pragma GCC unroll 5
    for (int i = 0; i < n; i++)
        at = said_put(t, at, &f[i]);
    t->at = at;
    chunk_commit(t);
    return true;
}

/* Short kinds only are quick; others are few. */
SAID_INLINE void said(int kind, const struct record_field *fields, int n,
                      const struct stack_here *here, bool with_stack)
{
    struct thread *t = kind >= OURO_PROCESS || shim_visitor.disabled
                           ? NULL
                           : scope_enter_plainly(here);
    const struct stack_here *stack = with_stack ? here : NULL;
    if (__builtin_expect(!t, 0)) {
        record_said(kind, fields, n, here, with_stack);
        return;
    }
    if (!said_usually(t, kind, fields, n, stack))
        record_fields(t, kind, fields, n, stack);
    scope_leave_plainly();
}

#endif
