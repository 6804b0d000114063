/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include "chunk.h"
#include "config.h"
#include "module.h"
#include "raw.h"
#include "record.h"

#include <string.h>

enum { NIBBLE_MAX = 15 };

#define NO_EPOCH UINT32_MAX

HOT _Atomic uint32_t shim_told_epoch = NO_EPOCH;

/* Which modules the trace knows (by id), and of which it knows that they went.
 */
static _Atomic uint64_t shim_told[MODULE_MAX / 64];
static _Atomic uint64_t shim_told_gone[MODULE_MAX / 64];

void writer_forked(void)
{
    atomic_store(&shim_told_epoch, NO_EPOCH);
    for (int i = 0; i < MODULE_MAX / 64; i++) {
        atomic_store(&shim_told[i], 0);
        atomic_store(&shim_told_gone[i], 0);
    }
}

/* True for the first who asks. */
static bool claim(_Atomic uint64_t *bits, uint32_t id)
{
    const uint64_t bit = (uint64_t)1 << id % 64;
    return !(atomic_load(&bits[id / 64]) & bit) &&
           !(atomic_fetch_or(&bits[id / 64], bit) & bit);
}

static void tell_module(struct thread *t, const struct module *m)
{
    const struct record_field fields[] = {
        {RECORD_UNSIGNED, m->epoch, NULL},
        {RECORD_UNSIGNED, m->id, NULL},
        {RECORD_UNSIGNED, m->bias, NULL},
        {RECORD_UNSIGNED, m->start, NULL},
        {RECORD_UNSIGNED, m->end, NULL},
        {RECORD_TEXT, m->file->build_id_len, (const char *)m->file->build_id},
        {RECORD_TEXT, m->file->path_len, m->file->path},
    };
    record_fields(t, OURO_MODULE, fields, sizeof fields / sizeof *fields, NULL);
}

static void tell_gone(struct thread *t, const struct module *m, uint32_t gone)
{
    const struct record_field fields[] = {
        {RECORD_UNSIGNED, gone, NULL},
        {RECORD_UNSIGNED, m->id, NULL},
    };
    record_fields(t, OURO_UNMODULE, fields, sizeof fields / sizeof *fields,
                  NULL);
}

static void tell_each(struct thread *t, uint32_t epoch)
{
    const struct module *m;
    atomic_store(&shim_told_epoch, epoch);
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++) {
        const uint32_t gone = module_gone(m);
        if (claim(shim_told, i))
            tell_module(t, m);
        if (gone && claim(shim_told_gone, i))
            tell_gone(t, m, gone);
    }
}

/* With signals blocked: what is claimed is told. A child that a handler forked
   tells its own file, which this visit is not for. */
static __attribute__((noinline)) void tell_modules(struct thread *t,
                                                   uint32_t epoch)
{
    uint64_t before;
    const bool blocked = raw_block_signals(&before);
    if (life_is_recording() && !t->is_left)
        tell_each(t, epoch);
    if (blocked)
        raw_set_signals(before);
}

void writer_tell_modules(void)
{
    struct scope s;
    const struct stack_here here = STACK_HERE();
    if (module_epoch() == atomic_load(&shim_told_epoch) ||
        !scope_enter(&s, &here, NULL))
        return;
    tell_modules(s.thread, module_epoch());
    scope_leave(&s);
}

/* A frame that the chunk has no number for; *at is where it goes. */
static __attribute__((noinline)) unsigned char *put_new_frame(
    struct thread *t, unsigned char *at, struct thread_frame *f, uintptr_t ip)
{
    at = encode_unsigned(at, 0);
    at = encode_signed(at, ip - t->ip);
    t->ip = ip;
    *f = (struct thread_frame){ip, ++t->n_frames, t->frame_tag};
    return at;
}

static unsigned char *put_frames(struct thread *t, unsigned char *at,
                                 uint32_t pushes)
{
    const uint32_t tag = t->frame_tag;
    const struct stack_frame *end = &t->stack.at[t->stack.n];
    for (const struct stack_frame *i = end - pushes; i < end; i++) {
        const uintptr_t ip = stack_frame_address(i);
        struct thread_frame *f =
            &t->frames[ip * 0x9e3779b97f4a7c15u >> 54 & (THREAD_FRAMES - 1)];
        if (__builtin_expect(f->ip == ip && f->tag == tag, 1))
            at = encode_unsigned(at, f->number);
        else
            at = put_new_frame(t, at, f, ip);
    }
    return at;
}

void writer_put_stack(struct thread *t, uint32_t pops, uint32_t pushes)
{
    unsigned char *at = t->at;
    const uint32_t high = pops < NIBBLE_MAX ? pops : NIBBLE_MAX;
    const uint32_t low = pushes < NIBBLE_MAX ? pushes : NIBBLE_MAX;
    at[0] = OURO_STACK;
    at[1] = (unsigned char)(high << 4 | low);
    at += 2;
    if (__builtin_expect(high == NIBBLE_MAX, 0))
        at = encode_unsigned(at, pops - NIBBLE_MAX);
    if (__builtin_expect(low == NIBBLE_MAX, 0))
        at = encode_unsigned(at, pushes - NIBBLE_MAX);
    t->at = put_frames(t, at, pushes);
}

/* The last `pushes` frames come after the innermost `pops` went. */
static void put_stack(struct thread *t, uint32_t pops, uint32_t pushes)
{
    if (pops > 0 || pushes > 0)
        writer_put_stack(t, pops, pushes);
}

static void put_cut(struct writer *w, uint64_t cut)
{
    struct thread *t = w->thread;
    if (cut == 0)
        return;
    w->has_stack = 0;
    t->at = encode_unsigned(writer_head(w, OURO_CUT), cut);
}

/* The chunk's current stack is empty now, and its frames have no numbers. */
static void clear_stack(struct thread *t)
{
    t->is_stackless = true;
    t->frame_tag++;
    t->n_frames = 0;
    t->ip = 0;
}

static void put_thread(struct writer *w)
{
    struct thread *t = w->thread;
    unsigned char *at = writer_head(w, OURO_THREAD);
    at = encode_unsigned(at, t->number);
    t->at = encode_unsigned(at, t->os_thread);
    t->is_unannounced = false;
    clear_stack(t);
}

static void put_epoch(struct writer *w)
{
    struct thread *t = w->thread;
    t->epoch = t->stack.epoch;
    t->at = encode_unsigned(writer_head(w, OURO_EPOCH), t->epoch);
    t->string_tag++; /* another plugin's literals may stand where one's did */
    clear_stack(t);
}

static void put_change(struct writer *w, const struct stack_change *c)
{
    struct thread *t = w->thread;
    if (t->stack.epoch != t->epoch)
        put_epoch(w);
    else if (c->restart && !t->is_stackless)
        put_thread(w);
    if (t->is_stackless) {
        put_cut(w, t->stack.cut);
        put_stack(t, 0, t->stack.n);
        t->is_stackless = false;
    } else if (c->cut == 0) {
        put_stack(t, c->pops, c->pushes);
    } else {
        put_stack(t, c->pops, 0);
        put_cut(w, c->cut);
        put_stack(t, 0, c->pushes);
    }
}

static size_t n_to_push(const struct thread *t, const struct stack_change *c)
{
    const bool all = t->is_stackless || t->is_unannounced || c->restart ||
                     t->stack.epoch != t->epoch;
    return all ? t->stack.n : c->pushes;
}

/* By the clock as it is: a chunk's head and the header say what time that was.
 */
static bool roll(struct writer *w, size_t room)
{
    struct thread *t = w->thread;
    t->unread = 0;
    w->stamp = tick_stamp(t);
    return chunk_roll(t,
                      WRITER_ROOM + room + OURO_MAX_STRING +
                          t->stack.n * WRITER_FRAME_ROOM,
                      w->stamp);
}

bool writer_begin_rarely(struct writer *w, struct thread *t,
                         const struct stack_change *change, size_t room)
{
    const bool tells_modules =
        change && t->stack.epoch != atomic_load_explicit(&shim_told_epoch,
                                                         memory_order_relaxed);
    if (tells_modules) {
        tell_modules(t, t->stack.epoch);
        w->stamp = tick_stamp(t); /* that was before the event */
    }
    /* What the event takes here, and what in a chunk that knows nothing: all
       frames, and the one string that a record may have. */
    const size_t n_frames = change ? n_to_push(t, change) : 0;
    if (tells_modules || (change && t->stack.epoch != t->epoch))
        room += OURO_MAX_STRING; /* which is new to a chunk that the modules
                                    began, and after put_epoch */
    if (!chunk_has_room(t, WRITER_ROOM + room + n_frames * WRITER_FRAME_ROOM) &&
        !roll(w, room))
        return chunk_refuse();
    if (!chunk_is_ours())
        return false;
    w->has_stack = 0;
    if (t->is_unannounced)
        put_thread(w);
    if (change)
        put_change(w, change);
    w->has_stack = change ? OURO_HAS_STACK : 0;
    return true;
}

bool writer_begin(struct writer *w, struct thread *t,
                  const struct stack_here *here, size_t room)
{
    return here ? writer_begin_stack(w, t, here, room)
                : writer_begin_bare(w, t, room);
}

size_t writer_string_room(const struct thread *t, const char *s)
{
    return t->chunk && writer_knows(t, s) ? 0 : strnlen(s, OURO_MAX_STRING);
}

unsigned char *writer_string(struct thread *t, unsigned char *at, const char *s)
{
    struct thread_string *slot = writer_string_slot(t, s);
    if (writer_knows(t, s))
        return writer_known_string(t, at, s);
    const size_t len = strnlen(s, OURO_MAX_STRING);
    at = encode_unsigned(at, 1);
    at = encode_unsigned(at, len);
    *slot = (struct thread_string){s, ++t->n_strings, t->string_tag};
    return encode_bytes(at, s, len);
}
