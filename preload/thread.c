/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include "chunk.h"
#include "file.h"
#include "life.h"
#include "raw.h"
#include "tick.h"

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

_Thread_local struct visitor shim_visitor;

static struct thread *_Atomic shim_threads; /* all of them */
static _Atomic uint32_t shim_numbers;

/*
 * The free list's head: a state's page number, and a tag that goes up with each
 * change, so that a head that was taken and came back is another one.
 */
static _Atomic uint64_t shim_free;
enum { PAGE_BITS = 12, TAG_BITS = 28 };

static struct thread *from_head(uint64_t head)
{
    return (struct thread *)(uintptr_t)(head >> TAG_BITS << PAGE_BITS);
}

static uint64_t to_head(const struct thread *t, uint64_t before)
{
    const uint64_t tag = (before + 1) & ((1u << TAG_BITS) - 1);
    return (uint64_t)(uintptr_t)t >> PAGE_BITS << TAG_BITS | tag;
}

static void push_free(struct thread *t)
{
    uint64_t head = atomic_load(&shim_free);
    do
        t->next_free = from_head(head);
    while (!atomic_compare_exchange_weak(&shim_free, &head, to_head(t, head)));
}

/* States are never unmapped, so the head's next may be read even where another
   thread has just taken it: then the exchange fails. */
static struct thread *pop_any(void)
{
    uint64_t head = atomic_load(&shim_free);
    struct thread *t;
    do {
        t = from_head(head);
        if (!t)
            return NULL;
    } while (!atomic_compare_exchange_weak(&shim_free, &head,
                                           to_head(t->next_free, head)));
    return t;
}

/* A visit that came here from the parent gives back what is of no use. */
static struct thread *pop_free(void)
{
    struct thread *t;
    do
        t = pop_any();
    while (t && t->is_left);
    return t;
}

static void add_state(struct thread *t)
{
    struct thread *first = atomic_load(&shim_threads);
    do
        t->next = first;
    while (!atomic_compare_exchange_weak(&shim_threads, &first, t));
}

static struct thread *new_state(void)
{
    const long at =
        RAW_CALL6(SYS_mmap, 0, sizeof(struct thread), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!raw_is_address(at)) {
        file_stop(OURO_STOPPED_MEMORY, at);
        return NULL;
    }
    add_state((struct thread *)at);
    return (struct thread *)at;
}

struct thread *thread_all(void)
{
    return atomic_load(&shim_threads);
}

static uint32_t new_number(void)
{
    return atomic_fetch_add(&shim_numbers, 1) + 1;
}

struct thread *thread_borrow(uint32_t number)
{
    struct thread *t = pop_free();
    if (!t)
        t = new_state();
    if (!t)
        return NULL;
    tick_hand_out(t);
    if (number == 0) {
        if (t->borrow_number == 0)
            t->borrow_number = new_number();
        number = t->borrow_number;
    }
    if (t->number != number || t->user != shim_visitor.number) {
        t->number = number;
        t->user = shim_visitor.number;
        t->os_thread = (uint32_t)RAW_CALL0(SYS_gettid);
        t->is_unannounced = true;
        stack_forget(&t->stack); /* its pages may be gone */
    }
    return t;
}

void thread_give_back(struct thread *t)
{
    push_free(t);
}

static pthread_key_t shim_key;
static atomic_bool shim_has_key;

bool thread_begin(struct visitor *v)
{
    if (v->number == 0)
        v->number = new_number();
    v->thread = thread_borrow(v->number);
    if (!v->thread)
        return false;
    v->thread->tp = (uintptr_t)__builtin_thread_pointer();
    v->thread->sp = 0;
    atomic_store(&v->thread->keeper, v->thread->os_thread);
    if (atomic_load_explicit(&shim_has_key, memory_order_acquire)) {
        const uintptr_t guard = thread_begin_own();
        pthread_setspecific(shim_key, v);
        thread_end_own(guard);
    }
    return true;
}

void thread_restart(struct visitor *v)
{
    struct thread *t = v->thread;
    chunk_resume(t);
    stack_forget(&t->stack);
    t->is_unannounced = true;
    t->number = t->user = v->number = new_number();
    t->os_thread = (uint32_t)RAW_CALL0(SYS_gettid);
}

/*
 * Destructors of the host may still allocate and free after ours: ours asks for
 * another round as often as there are rounds, and after the last one each event
 * borrows a state.
 */
static void end_thread(void *visitor)
{
    struct visitor *v = visitor;
    if (++v->rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
        pthread_setspecific(shim_key, v);
        return;
    }
    struct thread *t = v->thread;
    v->has_ended = true;
    if (t && v->guard)
        thread_restart(v); /* cancelled in the middle of a visit */
    v->thread = NULL;
    v->guard = t ? UINTPTR_MAX : 0; /* we hold it still */
    if (!t)
        return;
    atomic_store(&t->keeper, 0);
    chunk_flush(t);
    thread_give_back(t);
    v->guard = 0;
}

void thread_start(void)
{
    if (pthread_key_create(&shim_key, end_thread) != 0)
        return;
    atomic_store_explicit(&shim_has_key, true, memory_order_release);
    if (shim_visitor.thread)
        pthread_setspecific(shim_key, &shim_visitor);
}

/* What a visit writes to stays where it is, and means nothing. */
static void leave_behind(struct thread *t)
{
    t->is_left = true;
    if (t->chunk)
        RAW_CALL6(SYS_mmap, t->chunk, t->len, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

uint64_t thread_forked(void)
{
    struct visitor *v = &shim_visitor;
    struct thread *t = atomic_exchange(&shim_threads, NULL);
    uint64_t newest = 0;
    atomic_store(&shim_free, 0);
    tick_forked();
    while (t) {
        struct thread *next = t->next;
        if (t->stamp > newest)
            newest = t->stamp;
        if (v->guard) {
            leave_behind(t);
        } else {
            chunk_forget(t);
            stack_forget(&t->stack);
            t->number = t->borrow_number = 0;
            atomic_store(&t->keeper, 0);
            add_state(t);
            push_free(t);
        }
        t = next;
    }
    if (v->guard)
        life_lose();
    v->thread = NULL;
    v->number = 0;
    return newest;
}
