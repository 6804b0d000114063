/* SPDX-License-Identifier: MIT */
#include "scope.h"

#include "file.h"
#include "raw.h"
#include "real.h"
#include "standstill.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

/*
 * Has the visit that holds the guard been left? On one stack, whoever stands at
 * the guard or further out says so. A handler on an alternate stack says
 * nothing about a visit on the ordinary one, wherever the two stand.
 */
static bool is_stale(uintptr_t guard, uintptr_t sp)
{
    stack_t alternate = {.ss_flags = SS_DISABLE};
    RAW_CALL2(SYS_sigaltstack, NULL, &alternate);
    const bool is_there = !(alternate.ss_flags & SS_DISABLE);
    const uintptr_t start = (uintptr_t)alternate.ss_sp;
    const bool we_are = is_there && sp - start <= alternate.ss_size;
    const bool it_was = is_there && guard - start <= alternate.ss_size;
    if (we_are != it_was)
        return it_was;
    return sp >= guard;
}

static bool enter_first(struct scope *s, const struct stack_here *here)
{
    struct visitor *v = &shim_visitor;
    if (!life_wake())
        return false;
    v->guard = here->sp;
    if (v->has_ended) {
        s->thread = thread_borrow(v->number);
        s->is_borrowed = true;
    } else if (v->thread || thread_begin(v)) {
        s->thread = v->thread;
    }
    if (s->thread)
        return true;
    file_count(&shim_header->lost_events);
    v->guard = 0;
    return false;
}

static bool enter_again(struct scope *s, const struct stack_here *here)
{
    struct visitor *v = &shim_visitor;
    v->is_reallocating = false;
    if (v->thread)
        thread_restart(v);
    v->guard = 0;
    return enter_first(s, here);
}

static bool enter_nested(struct scope *s, const struct stack_here *here)
{
    struct visitor *v = &shim_visitor;
    if (stack_is_foreign(here->ip)) {
        s->is_own = true;
        return false;
    }
    if (v->is_reallocating && real_is_reallocs(here->ip))
        return false;
    if (!life_wake())
        return false;
    if (is_stale(v->guard, here->sp))
        return enter_again(s, here);
    s->outer = v->guard;
    v->guard = here->sp;
    s->thread = thread_borrow(0);
    s->is_borrowed = true;
    if (s->thread) {
        file_count(&shim_header->nested_events);
        return true;
    }
    file_count(&shim_header->lost_events);
    v->guard = s->outer;
    return false;
}

bool scope_enter_rarely(struct scope *s, const struct stack_here *here,
                        const void *subject)
{
    struct visitor *v = &shim_visitor;
    if (v->own) {
        s->is_own = true;
        return false;
    }
    const int saved = errno;
    if (!v->guard && life_is_recording() && request_is_pending())
        request_answer(subject);
    const bool is_in = v->guard ? enter_nested(s, here) : enter_first(s, here);
    errno = saved;
    if (!is_in)
        return false;
    s->thread->sp = here->sp;
    if (life_state() == LIFE_PAUSE)
        standstill_wait(s->thread, subject);
    return true;
}

/* Few: libunwind's thread-local block of each live thread, mostly. */
enum { OWN_BLOCKS = 4096, OWN_NEAR = 64 };
static _Atomic uintptr_t shim_own[OWN_BLOCKS];

static uint32_t own_slot(uintptr_t at, uint32_t i)
{
    return (uint32_t)((at * 0x9e3779b97f4a7c15u >> 40) + i) % OWN_BLOCKS;
}

void scope_note_own(const void *block)
{
    const uintptr_t at = (uintptr_t)block;
    file_count(&shim_header->own_allocations);
    for (uint32_t i = 0; i < OWN_NEAR; i++) {
        uintptr_t none = 0;
        if (atomic_compare_exchange_strong(&shim_own[own_slot(at, i)], &none,
                                           at))
            return;
    }
}

bool scope_forget_own(const void *block)
{
    const uintptr_t at = (uintptr_t)block;
    for (uint32_t i = 0; i < OWN_NEAR; i++) {
        uintptr_t it = at;
        if (!atomic_compare_exchange_strong(&shim_own[own_slot(at, i)], &it, 0))
            continue;
        file_count(&shim_header->own_frees);
        return true;
    }
    return false;
}
