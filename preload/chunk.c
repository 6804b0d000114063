/* SPDX-License-Identifier: MIT */
#include "chunk.h"

#include "clock.h"
#include "file.h"
#include "life.h"
#include "module.h"
#include "raw.h"

#include <time.h>

/* A signal handler that never returns may cut us short anywhere here: at each
   step the state has a whole chunk or none. */
static struct ouro_chunk *take_away(struct thread *t)
{
    struct ouro_chunk *c = t->chunk;
    t->chunk = NULL;
    atomic_signal_fence(memory_order_seq_cst);
    return c;
}

/* How many threads write out a chunk that may be another's. */
static _Atomic uint32_t shim_flushing;

/* Only who began after the state had lost its chunk cannot be looking at it. */
static void drop(struct ouro_chunk *c, uint32_t len)
{
    if (file_is_buffered()) {
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load(&shim_flushing) > 0)
            return;
    }
    file_unmap(c, len);
}

void chunk_forked(void)
{
    atomic_store(&shim_flushing, 0);
}

/* The head last: the process may end with half of the bytes written. */
static void write_whole(const struct ouro_chunk *c,
                        const struct ouro_chunk *head, uint64_t offset)
{
    file_write(c + 1, head->committed, offset + sizeof *head);
    file_write(head, sizeof *head, offset);
}

/* Of a chunk that still grows: what is committed now, and a head that says so.
   Where its thread has sealed it meanwhile, what that wrote may be under our
   head. */
static void write_out(const struct ouro_chunk *c, uint64_t offset)
{
    struct ouro_chunk head = *c;
    head.committed = __atomic_load_n(&c->committed, __ATOMIC_ACQUIRE);
    head.checksum = 0;
    head.sealed = 0;
    write_whole(c, &head, offset);
    if (__atomic_load_n(&c->sealed, __ATOMIC_ACQUIRE))
        write_whole(c, c, offset);
}

static void flush(struct thread *t)
{
    atomic_fetch_add(&shim_flushing, 1);
    const struct ouro_chunk *c = __atomic_load_n(&t->chunk, __ATOMIC_SEQ_CST);
    const uint64_t offset = __atomic_load_n(&t->offset, __ATOMIC_ACQUIRE);
    if (c && __atomic_load_n(&t->chunk, __ATOMIC_RELAXED) == c) {
        write_out(c, offset);
        file_write(shim_header, sizeof *shim_header, 0);
    }
    atomic_fetch_sub(&shim_flushing, 1);
}

/* With signals blocked: who does not come back flushes for ever, and a child
   that is forked here would write what its parent's chunk was. */
void chunk_flush(struct thread *t)
{
    uint64_t before;
    if (!file_is_buffered())
        return;
    const bool blocked = raw_block_signals(&before);
    if (life_is_recording() && !t->is_left)
        flush(t);
    if (blocked)
        raw_set_signals(before);
}

void chunk_seal(struct thread *t)
{
    if (!life_is_known()) {
        chunk_forget(t); /* the parent's */
        return;
    }
    struct ouro_chunk *c = take_away(t);
    if (!c)
        return;
    c->checksum = ouro_checksum(c + 1, c->committed);
    __atomic_store_n(&c->sealed, 1, __ATOMIC_RELEASE);
    if (file_is_buffered())
        write_whole(c, c, t->offset);
    drop(c, t->len);
}

void chunk_forget(struct thread *t)
{
    struct ouro_chunk *c = take_away(t);
    if (c)
        file_unmap(c, t->len);
}

bool chunk_refuse(void)
{
    if (!life_is_known())
        life_lose();
    return false;
}

void chunk_resume(struct thread *t)
{
    const struct ouro_chunk *c = t->chunk;
    unsigned char *end = c ? (unsigned char *)(c + 1) + c->committed : NULL;
    t->newest = t->kept[0].at == end ? 0 : 1;
    const struct thread_kept *kept = &t->kept[t->newest];
    if (!c || kept->at != end) {
        chunk_seal(t);
        return;
    }
    t->at = end;
    t->stamp = kept->stamp;
    t->addr = kept->addr;
    t->n_strings = kept->n_strings;
    t->string_tag++;
    t->epoch = THREAD_NO_EPOCH;
    t->is_unannounced = true;
}

/* What a reader of the chunk knows where it begins: nothing. */
static void begin(struct thread *t, uint64_t stamp)
{
    t->stamp = stamp;
    t->addr = 0;
    t->ip = 0;
    t->n_frames = 0;
    t->n_strings = 0;
    t->frame_tag++;
    t->string_tag++;
    t->epoch = 0;
    t->is_stackless = true;
    t->is_unannounced = false;
    t->limit = (unsigned char *)t->chunk + t->len;
    t->at = (unsigned char *)(t->chunk + 1);
    t->kept[0] = (struct thread_kept){t->at, stamp, 0, 0};
    t->kept[1] = (struct thread_kept){NULL, 0, 0, 0};
    t->newest = 0;
}

void chunk_tell_header(uint64_t stamp, uint64_t ns)
{
    uint64_t too_short;
    uint64_t slow;
    stack_count(&too_short, &slow);
    __atomic_store_n(&shim_header->short_stacks, too_short, __ATOMIC_RELAXED);
    __atomic_store_n(&shim_header->slow_stacks, slow, __ATOMIC_RELAXED);
    __atomic_store_n(&shim_header->last_stamp, stamp, __ATOMIC_RELAXED);
    __atomic_store_n(&shim_header->last_ns, ns, __ATOMIC_RELAXED);
    if (module_is_full())
        __atomic_fetch_or(&shim_header->flags, OURO_HEADER_MODULES_FULL,
                          __ATOMIC_RELAXED);
}

static void write_head(const struct thread *t, uint64_t stamp, uint64_t ns)
{
    struct ouro_chunk *c = t->chunk;
    c->kind = OURO_CHUNK_EVENTS;
    c->len = t->len;
    c->thread = t->number;
    c->os_thread = t->os_thread;
    c->first_stamp = stamp;
    c->ns = ns;
    /* The magic last: what begins with it is a whole head. */
    __atomic_store_n(&c->magic, OURO_CHUNK_MAGIC, __ATOMIC_RELEASE);
}

/* A handler that forks may strike at each step: the parent's file is not the
   child's to begin a chunk in. */
static bool take(struct thread *t, uint64_t offset, uint32_t len)
{
    struct ouro_chunk *c = file_map(offset, len);
    if (!c)
        return false;
    t->at = t->limit = t->kept[0].at = t->kept[1].at = NULL;
    t->offset = offset;
    t->len = len;
    __atomic_store_n(&t->chunk, c, __ATOMIC_RELEASE);
    atomic_signal_fence(memory_order_seq_cst);
    if (life_is_recording())
        return true;
    chunk_forget(t);
    return false;
}

static bool roll(struct thread *t, size_t need, uint64_t stamp)
{
    uint32_t len;
    if (t->is_left)
        return false;
    chunk_seal(t);
    const uint64_t offset =
        file_reserve(sizeof(struct ouro_chunk) + need, &len);
    if (offset == 0 || !take(t, offset, len))
        return false;
    const uint64_t ns = clock_ns(CLOCK_MONOTONIC);
    write_head(t, stamp, ns);
    begin(t, stamp);
    if (life_is_recording())
        chunk_tell_header(stamp, ns);
    return true;
}

/* With signals blocked: a handler that does not come back would leave the room
   and the memory behind. */
bool chunk_roll(struct thread *t, size_t need, uint64_t stamp)
{
    uint64_t before;
    const bool blocked = raw_block_signals(&before);
    const bool rolled = roll(t, need, stamp);
    if (blocked)
        raw_set_signals(before);
    return rolled;
}
