/* SPDX-License-Identifier: MIT */
#include "life.h"

#include "bypass.h"
#include "chunk.h"
#include "clock.h"
#include "config.h"
#include "exec.h"
#include "file.h"
#include "lsan.h"
#include "module.h"
#include "own.h"
#include "process.h"
#include "program.h"
#include "raw.h"
#include "real.h"
#include "record.h"
#include "request.h"
#include "rule.h"
#include "snapshot.h"
#include "standstill.h"
#include "tick.h"
#include "writer.h"

#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct life shim_not_yet;
HOT struct life *_Atomic shim_life = &shim_not_yet;

/* How far this image has come; fork copies it. */
enum { NEVER, BEGINNING, BEGUN };
static _Atomic uint32_t shim_stage;

HOT struct life_loader shim_loader;

bool life_is_on(void)
{
    return life_is_recording();
}

static void set_state(uint32_t state)
{
    atomic_store_explicit(&atomic_load(&shim_life)->state, state,
                          memory_order_release);
}

void life_stop(void)
{
    set_state(LIFE_OFF);
}

static bool change_state(uint32_t from, uint32_t to)
{
    return atomic_compare_exchange_strong(&atomic_load(&shim_life)->state,
                                          &from, to);
}

bool life_pause(void)
{
    return change_state(LIFE_ON, LIFE_PAUSE);
}

bool life_resume(void)
{
    _Atomic uint32_t *word = &atomic_load(&shim_life)->state;
    const bool is_on = change_state(LIFE_PAUSE, LIFE_ON);
    RAW_CALL3(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX);
    return is_on;
}

void life_await(uint32_t ms)
{
    _Atomic uint32_t *word = &atomic_load(&shim_life)->state;
    const struct timespec t = {.tv_sec = ms / 1000,
                               .tv_nsec = (long)(ms % 1000) * 1000000};
    RAW_CALL4(SYS_futex, word, FUTEX_WAIT_PRIVATE, LIFE_PAUSE, &t);
}

static void find_loader(void)
{
    const uintptr_t base = getauxval(AT_BASE);
    const ElfW(Ehdr) *e = (const ElfW(Ehdr) *)base;
    if (!base)
        return;
    const ElfW(Phdr) *p = (const ElfW(Phdr) *)(base + e->e_phoff);
    for (int i = 0; i < e->e_phnum; i++)
        if (p[i].p_type == PT_LOAD &&
            p[i].p_vaddr + p[i].p_memsz > shim_loader.len)
            shim_loader.len = p[i].p_vaddr + p[i].p_memsz;
    shim_loader.start = base;
}

/* In the child, called by libc. The kernel has wiped the page already, if it
   can; a fork that libc does not know of finds it so. */
static void after_fork(void)
{
    set_state(LIFE_UNKNOWN);
}

/* What a child inherits lives across this moment. */
static void before_fork(void)
{
    if (life_is_recording()) {
        file_moment_begins();
        process_forks();
    }
}

static void after_fork_in_parent(void)
{
    if (life_is_recording()) {
        process_forks();
        file_moment_told();
    }
}

static void make_page(void)
{
    const size_t len = getauxval(AT_PAGESZ);
    const long at = RAW_CALL6(SYS_mmap, 0, len, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!raw_is_address(at) ||
        RAW_CALL3(SYS_madvise, at, len, MADV_WIPEONFORK) != 0)
        return;
    own_note((void *)at, len);
    atomic_store(&shim_life, (struct life *)at);
}

/* The environment as the loader got it: libc's own pointer is not set before
   libc's constructor, and we may be earlier. */
static char **first_environment(void)
{
    if (environ)
        return environ;
    const long *stack = program_stack();
    return (char **)stack + 1 + stack[0] + 1;
}

static const char *own_path(void)
{
    Dl_info info;
    if (!dladdr(&shim_not_yet, &info))
        return NULL;
    return info.dli_fname;
}

static void begin_file(const struct ouro_trace_header *parent, uint64_t stamp)
{
    if (!config()->on || !file_start(parent, stamp)) {
        set_state(LIFE_OFF);
        return;
    }
    if (!parent)
        tick_start();
    set_state(LIFE_ON);
}

static _Atomic uint64_t shim_lost;

static void tell_lost(void)
{
    const uint64_t n = atomic_exchange(&shim_lost, 0);
    if (n > 0)
        __atomic_fetch_add(&shim_header->lost_events, n, __ATOMIC_RELAXED);
}

void life_lose(void)
{
    atomic_fetch_add(&shim_lost, 1);
    if (life_is_recording())
        tell_lost();
}

static void begin(void)
{
    const uintptr_t guard = thread_begin_own();
    real();
    make_page();
    find_loader();
    program_start();
    config_start(first_environment(), own_path());
    clock_start(config()->counter);
    module_start();
    rule_start();
    begin_file(NULL, 0);
    thread_end_own(guard);
    atomic_store_explicit(&shim_stage, BEGUN, memory_order_release);
}

/* A forked child, at its first event. It is alone. */
static void begin_child(void)
{
    const uint64_t fork_stamp = thread_forked();
    if (!config()->children) {
        set_state(LIFE_OFF);
        return;
    }
    standstill_forked();
    request_forked();
    chunk_forked();
    module_forked();
    stack_forked();
    writer_forked();
    bypass_forked();
    snapshot_forked();
    begin_file(shim_header, fork_stamp);
}

static uint32_t state(void)
{
    return atomic_load_explicit(
        &atomic_load_explicit(&shim_life, memory_order_relaxed)->state,
        memory_order_acquire);
}

/* If it is over by now, the one who began has counted before or we do. */
static bool lose_first(void)
{
    life_lose();
    return false;
}

/* With signals blocked: a handler's event would begin once more. */
static bool wake(void)
{
    uint32_t stage = NEVER;
    if (state() != LIFE_UNKNOWN)
        return life_is_recording();
    if (atomic_compare_exchange_strong(&shim_stage, &stage, BEGINNING))
        begin();
    else if (stage == BEGUN)
        begin_child();
    else
        return lose_first(); /* another thread is at it */
    if (!life_is_recording())
        return false;
    tell_lost();
    process_tell();
    return life_is_recording();
}

bool life_wake(void)
{
    uint64_t before;
    if (state() != LIFE_UNKNOWN)
        return life_is_recording();
    const bool blocked = raw_block_signals(&before);
    const bool is_on = wake();
    if (blocked)
        raw_set_signals(before);
    return is_on;
}

void life_end(int how, int status)
{
    if (!life_is_recording())
        return;
    process_end(how, status);
    life_flush();
}

void life_flush(void)
{
    chunk_tell_header(tick_now(), clock_ns(CLOCK_MONOTONIC));
    for (struct thread *t = thread_all(); t; t = t->next)
        chunk_flush(t);
}

static void at_exit(int status, void *unused)
{
    (void)unused;
    life_end(OURO_END_EXIT, status);
    snapshot_take(OURO_SNAP_EXIT, "");
}

/* First of the constructors, where the loader lets us; libc's may not have run
   yet, and then nothing that needs it may be loaded. */
__attribute__((constructor)) static void life_start(void)
{
    life_wake();
    const uintptr_t guard = thread_begin_own();
    exec_start();
    real_start_operators();
    if (config()->on) {
        thread_start();
        if (environ)
            stack_start();
        snapshot_start();
        pthread_atfork(before_fork, after_fork_in_parent, after_fork);
        on_exit(at_exit, NULL);
        bypass_start();
        request_start();
    }
    thread_end_own(guard);
    if (life_is_recording() && !stack_has_libunwind())
        __atomic_fetch_or(&shim_header->flags, OURO_HEADER_NO_UNWIND,
                          __ATOMIC_RELAXED);
    if (life_is_recording() && environ)
        lsan_start();
}

__attribute__((destructor)) static void life_exiting(void)
{
    if (!life_is_recording())
        return;
    bypass_look_at_exit();
    process_exiting();
}
