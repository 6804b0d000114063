/* SPDX-License-Identifier: MIT */
#include "standstill.h"

#include "clock.h"
#include "module.h"
#include "ouro_trace.h"
#include "raw.h"
#include "registers.h"
#include "task.h"
#include "window.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum {
    SLICE = 100,    /* ms that a wait takes at most */
    NAP_LEAST = 20, /* us between two looks at everybody */
    NAP_MOST = 1000,
    NS_IN_MS = 1000000,
};

/* The number of the standstill that is, or that comes next. */
static _Atomic uint32_t shim_turn = 1;
/* Who asked for it, and that thread's signals before. */
static struct visitor *_Atomic shim_taker;
static uint32_t shim_taken; /* turn */
static uint64_t shim_signals;
static bool shim_has_signals;

void standstill_forked(void)
{
    atomic_store(&shim_taker, NULL);
}

static void end_turn(uint32_t turn)
{
    if (atomic_compare_exchange_strong(&shim_turn, &turn, turn + 1))
        life_resume();
}

/* What stands on its stack from its sp outward is the host's; what is in its
   registers is what the host left there. Where that cannot be told, our own
   frames count as the host's. */
static void say_where(struct thread_stand *s, const void *subject)
{
    struct registers r = {0};
    registers_here(&r);
    struct registers outer = r;
    if (registers_leave_us(&outer))
        r = outer;
    registers_list(&r, s->registers);
    s->n_registers = REGISTERS_KEPT;
    s->sp = r.now.at[SWITCH_SP];
    s->tp = (uintptr_t)__builtin_thread_pointer();
    s->os_thread = (uint32_t)RAW_CALL0(SYS_gettid);
    if (subject)
        s->registers[s->n_registers++] = (uintptr_t)subject;
}

/* False: nobody is there to end it. */
static bool await_end(struct thread_stand *s)
{
    for (int ms = 0; life_state() == LIFE_PAUSE; ms += SLICE) {
        if (ms >= STANDSTILL_PATIENCE)
            return false;
        atomic_store(&s->turn, atomic_load(&shim_turn));
        life_await(SLICE);
    }
    return true;
}

/* With signals blocked: no handler runs on from here. Whoever goes on stands no
   more, and the next standstill must not find that it does: it may have said so
   after one had ended, and the next may have begun before it says the other. */
static void stand(struct thread *t, const void *subject)
{
    say_where(&t->stand, subject);
    do {
        const uint32_t first = atomic_load(&shim_turn);
        if (!await_end(&t->stand))
            end_turn(first);
        atomic_store(&t->stand.turn, 0);
        atomic_thread_fence(memory_order_seq_cst);
    } while (life_state() == LIFE_PAUSE);
}

void standstill_wait(struct thread *t, const void *subject)
{
    uint64_t before;
    if (atomic_load(&shim_taker) == &shim_visitor)
        return;
    const bool blocked = raw_block_signals(&before);
    stand(t, subject);
    if (blocked)
        raw_set_signals(before);
}

/* One of the other threads. */
struct seen {
    uint32_t task, pass; /* pass: the last in which it was listed */
    uint8_t how;         /* enum ouro_snap_seen; 0: it is no more */
    bool has_time;
    uint64_t time;         /* of its own, when it was first looked at */
    struct task_call call; /* at the last look */
    struct thread *state;  /* its own, or that in which it stands; NULL: none */
};

struct gathering {
    struct seen *at;
    uint32_t n, room;
    uint32_t next; /* where the next to be listed is, if all is as it was */
    uint32_t pass, turn, own;
    uint64_t begun; /* ns */
    bool is_full;
};

static uint64_t now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static struct seen *known(struct gathering *g, uint32_t task)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const uint32_t at = (g->next + i) % g->n;
        if (g->at[at].task == task) {
            g->next = at + 1;
            return &g->at[at];
        }
    }
    return NULL;
}

static void list_one(void *gathering, uint32_t task)
{
    struct gathering *g = gathering;
    if (task == g->own)
        return;
    struct seen *s = known(g, task);
    if (!s && g->n == g->room) {
        g->is_full = true;
        return;
    }
    if (!s) {
        s = &g->at[g->n++];
        *s = (struct seen){.task = task};
        s->has_time = task_time(task, &s->time);
    }
    s->pass = g->pass;
}

/* Where the kernel does not list threads: those that had an event. */
static void list_keepers(struct gathering *g)
{
    for (struct thread *t = thread_all(); t; t = t->next)
        if (atomic_load(&t->keeper))
            list_one(g, atomic_load(&t->keeper));
}

static bool list_all(struct gathering *g)
{
    uint32_t n = 0;
    g->pass++;
    g->next = 0;
    const bool is_all = task_each(list_one, g);
    if (!is_all)
        list_keepers(g);
    for (uint32_t i = 0; i < g->n; i++)
        if (g->at[i].pass == g->pass)
            g->at[n++] = g->at[i];
    g->n = n;
    return is_all && !g->is_full;
}

static bool stands(const struct gathering *g, const struct thread *t,
                   uint32_t task)
{
    return atomic_load(&t->stand.turn) == g->turn && t->stand.os_thread == task;
}

/* The state in which it stands, or else the one that it keeps. (A thread that
   ended without a word may have left its number to another: the younger.) */
static struct thread *state_of(const struct gathering *g, uint32_t task)
{
    struct thread *found = NULL;
    for (struct thread *t = thread_all(); t; t = t->next) {
        if (stands(g, t, task))
            return t;
        if (atomic_load(&t->keeper) == task &&
            (!found || t->number > found->number))
            found = t;
    }
    return found;
}

static bool is_late(const struct gathering *g)
{
    return now() - g->begun >= (uint64_t)STANDSTILL_BLIND * NS_IN_MS;
}

/* Has it run for long enough without an event? */
static bool just_runs(const struct gathering *g, const struct seen *s,
                      enum task_state state)
{
    uint64_t time;
    if (state == TASK_RUNS && s->has_time && task_time(s->task, &time))
        return time - s->time >= (uint64_t)STANDSTILL_RUN * NS_IN_MS;
    return is_late(g);
}

/* A place that is not in our memory is not ours: of an emulator, perhaps. */
static struct task_call call_of(uint32_t task)
{
    struct window w = {0, 0};
    struct task_call c = task_call(task);
    if (c.state == TASK_BLOCKED && !window_jump(&w, c.sp, sizeof c.sp))
        c.state = TASK_HIDDEN;
    return c;
}

static bool is_same(const struct task_call *a, const struct task_call *b)
{
    return a->state == b->state && a->number == b->number && a->sp == b->sp &&
           a->ip == b->ip &&
           memcmp(a->argument, b->argument, sizeof a->argument) == 0;
}

/* Looks at one that does not stand. True: there is nothing to wait for. */
static bool look_from_outside(const struct gathering *g, struct seen *s)
{
    const struct task_call before = s->call;
    s->call = call_of(s->task);
    switch (s->call.state) {
    case TASK_GONE:
        s->how = 0;
        return true;
    case TASK_BLOCKED:
        s->how = OURO_SNAP_BLOCKED;
        /* In our own code it is about to come to an event, or to its end. */
        return is_same(&before, &s->call) &&
               (!module_is_ours(s->call.ip) || is_late(g));
    case TASK_RUNS:
    case TASK_HIDDEN:
        break;
    }
    s->how = s->state && s->state->sp ? OURO_SNAP_LAST : OURO_SNAP_UNSEEN;
    return just_runs(g, s, s->call.state);
}

/* True: it is as it was at the last look, and there is nothing to wait for. */
static bool look(const struct gathering *g, struct seen *s)
{
    const uint8_t before = s->how;
    if (!s->state || !stands(g, s->state, s->task))
        s->state = state_of(g, s->task);
    if (!s->state || !stands(g, s->state, s->task))
        return look_from_outside(g, s) && s->how == before;
    s->how = OURO_SNAP_WAITED;
    return s->how == before;
}

static void nap(uint32_t pass)
{
    const long us = NAP_LEAST << (pass < 10 ? pass : 10);
    const struct timespec t = {.tv_nsec =
                                   (us < NAP_MOST ? us : NAP_MOST) * 1000};
    RAW_CALL4(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL);
}

/* Until all are still, and were at the look before: who was blocked when one
   that still ran was looked at may have been let go by it. */
static bool gather(struct gathering *g)
{
    for (;;) {
        const bool is_all = list_all(g);
        uint32_t n_moving = 0;
        for (uint32_t i = 0; i < g->n; i++)
            n_moving += !look(g, &g->at[i]);
        if (n_moving == 0 || life_state() != LIFE_PAUSE ||
            now() - g->begun >= (uint64_t)STANDSTILL_TRY * NS_IN_MS)
            return is_all;
        nap(g->pass);
    }
}

static void tell_standing(struct standstill_thread *to,
                          const struct thread_stand *s)
{
    to->sp = to->sure = s->sp;
    to->tp = s->tp;
    to->n_registers = s->n_registers;
    memcpy(to->registers, s->registers, s->n_registers * sizeof *s->registers);
}

static void tell_blocked(struct standstill_thread *to,
                         const struct task_call *c)
{
    to->sp = to->sure = c->sp;
    if (c->number < 0)
        return;
    to->n_registers = TASK_ARGUMENTS;
    memcpy(to->registers, c->argument, sizeof c->argument);
}

static void tell(struct standstill_thread *to, const struct seen *s)
{
    const struct thread *t = s->state;
    *to = (struct standstill_thread){.os_thread = s->task, .seen = s->how};
    if (t) {
        to->thread = t->number;
        to->tp = t->tp;
    }
    if (s->how == OURO_SNAP_WAITED && t) {
        tell_standing(to, &t->stand);
    } else if (s->how == OURO_SNAP_BLOCKED) {
        tell_blocked(to, &s->call);
    } else if (s->how == OURO_SNAP_LAST && t) {
        to->sure = t->sp;
        to->sp = t->sp - STANDSTILL_MARGIN;
    }
    if (!to->tp)
        to->tp = task_pointer(s->task);
}

static uint32_t gather_into(struct standstill_thread *out, uint32_t room,
                            bool *all_listed)
{
    const size_t size = room * sizeof(struct seen);
    const long at = RAW_CALL6(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t n = 0;
    if (!raw_is_address(at))
        return 0;
    struct gathering g = {.at = (void *)at,
                          .room = room,
                          .turn = atomic_load(&shim_turn),
                          .own = (uint32_t)RAW_CALL0(SYS_gettid),
                          .begun = now()};
    *all_listed = gather(&g);
    for (uint32_t i = 0; i < g.n; i++)
        if (g.at[i].how)
            tell(&out[n++], &g.at[i]);
    RAW_CALL2(SYS_munmap, at, size);
    return n;
}

/* While another has it, this thread stands still for that one. */
static bool take_turn(void)
{
    const uint64_t begun = now();
    while (!life_pause()) {
        struct thread *t = shim_visitor.thread;
        if (!life_is_recording() ||
            now() - begun >= (uint64_t)2 * STANDSTILL_PATIENCE * NS_IN_MS)
            return false;
        if (t)
            stand(t, NULL);
        else
            life_await(SLICE);
    }
    return true;
}

uint32_t standstill_begin(struct standstill_thread *out, uint32_t room,
                          bool *all_listed)
{
    uint64_t before;
    *all_listed = false;
    if (atomic_load(&shim_taker) == &shim_visitor)
        return 0;
    const bool blocked = raw_block_signals(&before);
    if (!take_turn()) {
        if (blocked)
            raw_set_signals(before);
        return 0;
    }
    atomic_store(&shim_taker, &shim_visitor);
    shim_taken = atomic_load(&shim_turn);
    shim_has_signals = blocked;
    shim_signals = before;
    return gather_into(out, room, all_listed);
}

void standstill_end(void)
{
    if (atomic_load(&shim_taker) != &shim_visitor)
        return;
    const bool blocked = shim_has_signals;
    const uint64_t before = shim_signals;
    atomic_store(&shim_taker, NULL);
    end_turn(shim_taken);
    if (blocked)
        raw_set_signals(before);
}
