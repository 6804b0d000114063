/* SPDX-License-Identifier: MIT */
#include "tick.h"

#include "config.h"
#include "descriptor.h"
#include "own.h"
#include "raw.h"

#include <sys/mman.h>
#include <sys/stat.h>

enum { TICK_EVENTS = 32, GONE = UINT32_MAX };

/* In stamps, some tens of milliseconds: so long without a tick, and nobody
   ticks any more, or comes to it. */
#define LATE ((uint64_t)1 << 27)

static const _Atomic uint32_t shim_nobody;
HOT const _Atomic uint32_t *_Atomic shim_tick = &shim_nobody;

static const _Atomic uint32_t *shim_mapped = &shim_nobody;
static _Atomic uint32_t shim_handed_out;

static bool is_fast(void)
{
#if defined(__aarch64__)
    uint64_t hertz;
    __asm__("mrs %0, cntfrq_el0" : "=r"(hertz));
    return shim_clock == OURO_CLOCK_CNTVCT && hertz >= 1000000000;
#else
    return shim_clock == OURO_CLOCK_TSC;
#endif
}

void tick_start(void)
{
    if (!is_fast() || config()->folds)
        return;
    const long fd = descriptor_beside(OURO_TICK_NAME);
    if (fd < 0)
        return;
    struct stat file = {.st_size = 0};
    RAW_CALL2(SYS_fstat, fd, &file);
    const bool is_ticked =
        S_ISREG(file.st_mode) && file.st_size == OURO_TICK_LEN;
    const long at = !is_ticked ? -1
                               : RAW_CALL6(SYS_mmap, 0, OURO_TICK_LEN,
                                           PROT_READ, MAP_SHARED, fd, 0);
    RAW_CALL1(SYS_close, fd);
    if (!raw_is_address(at))
        return;
    own_note((const void *)at, OURO_TICK_LEN);
    shim_mapped = (const _Atomic uint32_t *)at;
    atomic_store(&shim_tick, shim_mapped);
}

void tick_hand_out(struct thread *t)
{
    t->unread = 0;
    if (atomic_fetch_add(&shim_handed_out, 1) > 0 &&
        atomic_load(&shim_tick) != &shim_nobody)
        atomic_store(&shim_tick, &shim_nobody);
}

void tick_forked(void)
{
    atomic_store(&shim_handed_out, 0);
    atomic_store(&shim_tick, shim_mapped);
}

uint64_t tick_now(void)
{
    struct thread *t = shim_visitor.thread;
    if (t)
        t->tick = GONE;
    atomic_signal_fence(memory_order_seq_cst);
    return clock_stamp();
}

/* A handler may call tick_now() at any point of this: what it says is either
   before the clock is read here, or the tick is gone. Or it may not come back:
   then the clock is read next time. */
uint64_t tick_renew(struct thread *t, uint32_t tick)
{
    const bool is_same = t->tick == tick;
    t->unread = 0;
    atomic_signal_fence(memory_order_seq_cst);
    t->tick = tick;
    atomic_signal_fence(memory_order_seq_cst);
    const uint64_t now = clock_stamp();
    if (!is_same)
        t->ticked = now;
    atomic_signal_fence(memory_order_seq_cst);
    t->unread = now - t->ticked < LATE ? TICK_EVENTS : 0;
    return now;
}
