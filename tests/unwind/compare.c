/* SPDX-License-Identifier: MIT */
/*
 * compare.c - a preload that holds our stacks against libunwind's
 *
 * Every malloc, calloc and realloc of the host takes a stack with the guest's
 * unwinder. Of these, at random, one in UNWIND_RATE (0: none) is compared with
 * what unw_step finds, address by address. Each change that a capture reports
 * is applied to a model of what a reader of the trace knows, and the model is
 * compared too. Mismatches are printed with both stacks; the counts are
 * appended to the file UNWIND_RESULT.
 *
 * UNWIND_FRESH=1: unw_step without its cache, which outlives dlclose.
 */
#include "module.h"
#include "rule.h"
#include "stack.h"
#include "switch.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#define UNW_LOCAL_ONLY
#include <libunwind.h>

#define EXPORT        __attribute__((visibility("default")))
#define TEXT_OF(name) #name
#define NAME(name)    TEXT_OF(name)

enum { DEPTH = 200000, ROOM = 256 * 1024 };

/* What unw_step finds, innermost first. */
struct truth {
    struct switch_registers registers; /* first: see switch.h */
    unw_context_t context;
    struct stack_here here;
    uint32_t n;
    uintptr_t at[DEPTH];
};

struct sampler {
    struct stack stack;
    uintptr_t model[OURO_MAX_DEPTH + 1];
    uint32_t n_model, epoch;
    uint64_t cut;
    uint64_t random;
    struct truth truth;
    _Alignas(16) unsigned char room[ROOM];
};

static struct {
#ifndef __aarch64__
    int (*context)(unw_context_t *);
#endif
    int (*init)(unw_cursor_t *, unw_context_t *);
    int (*step)(unw_cursor_t *);
    int (*get)(unw_cursor_t *, int, unw_word_t *);
    int (*info)(unw_cursor_t *, unw_proc_info_t *);
    int (*is_signal)(unw_cursor_t *);
} unw;

static _Thread_local struct sampler *mine;
static _Thread_local bool is_inside;
static _Atomic uint64_t n_captured, n_compared, n_wrong;
static atomic_bool is_ready;
static uint64_t rate = 20;
static int (*real_dlclose)(void *);

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static void print_stack(const char *who, const uintptr_t *ip, uint64_t n)
{
    fprintf(stderr, "%s, %lu frames:\n", who, n);
    for (uint64_t i = 0; i < n && i < 60; i++) {
        Dl_info info = {.dli_fname = "?"};
        dladdr((void *)(ip[i] - 1), &info);
        fprintf(stderr, "  %2lu %012lx %s (%s)\n", i, ip[i],
                info.dli_sname ? info.dli_sname : "?", info.dli_fname);
    }
}

static void walk(struct switch_registers *registers)
{
    struct truth *t = (struct truth *)registers;
    unw_cursor_t cursor;
    unw_word_t ip, sp;
    bool is_outside = false;
    t->n = 0;
    unw.init(&cursor, &t->context);
    while (unw.step(&cursor) > 0 && t->n < DEPTH) {
        unw.get(&cursor, UNW_REG_IP, &ip);
        unw.get(&cursor, UNW_REG_SP, &sp);
        if (ip == t->here.ip && sp == t->here.sp)
            is_outside = true;
        if (ip == 0)
            break;
        if (is_outside)
            t->at[t->n++] = ip;
        /* Where libunwind knows nothing of a function, unw_step guesses from
           the frame pointer. We end the stack. A signal's return it knows by
           its code too. */
        unw_proc_info_t info;
        if ((unw.info(&cursor, &info) != 0 ||
             info.end_ip - info.start_ip == 1) &&
            unw.is_signal(&cursor) <= 0)
            break;
    }
}

/* On a stack of its own: the host's may be too small for libunwind. */
static uint32_t find_truth(struct sampler *t, struct stack_here here)
{
    t->truth.here = here;
#ifdef __aarch64__
    unw_tdep_getcontext(&t->truth.context); /* no function there */
#else
    unw.context(&t->truth.context);
#endif
    switch_to(t->room + ROOM, walk, &t->truth.registers);
    return t->truth.n;
}

static void fail(struct sampler *t, const char *what, uint32_t n_truth)
{
    static uintptr_t ours[OURO_MAX_DEPTH];
    const uint32_t n = t->stack.n;
    if (atomic_fetch_add(&n_wrong, 1) >= 5)
        return;
    for (uint32_t i = 0; i < n; i++)
        ours[i] = t->stack.at[n - 1 - i].ip;
    fprintf(stderr, "MISMATCH: %s (cut %lu)\n", what, t->stack.cut);
    print_stack("ours", ours, n);
    print_stack("unw_step", t->truth.at, n_truth);
}

static void compare(struct sampler *t, struct stack_here here)
{
    const uint32_t n_truth = find_truth(t, here);
    const struct stack *s = &t->stack;
    atomic_fetch_add(&n_compared, 1);
    if (s->n + s->cut != n_truth) {
        fail(t, "depth", n_truth);
        return;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (s->at[s->n - 1 - i].ip != t->truth.at[i]) {
            fail(t, "frame", n_truth);
            return;
        }
}

/* What a reader of the trace would make of it; see struct stack_change. */
static void apply(struct sampler *t, struct stack_change c)
{
    const struct stack *s = &t->stack;
    if (s->epoch != t->epoch || c.restart) {
        t->epoch = s->epoch;
        t->n_model = 0;
        t->cut = 0;
        c.pops = 0;
    }
    bool is_good = c.pops <= t->n_model && c.pushes <= s->n;
    t->n_model -= is_good ? c.pops : t->n_model;
    const uint32_t drop = c.cut < t->n_model ? (uint32_t)c.cut : t->n_model;
    memmove(t->model, t->model + drop, (t->n_model - drop) * sizeof *t->model);
    t->n_model -= drop;
    t->cut += c.cut;
    for (uint32_t i = s->n - c.pushes; i < s->n && t->n_model < OURO_MAX_DEPTH;
         i++)
        t->model[t->n_model++] = s->at[i].ip;
    is_good =
        is_good && t->n_model == s->n && t->cut == s->cut && stack_is_valid(s);
    for (uint32_t i = 0; is_good && i < s->n; i++)
        is_good = t->model[i] == s->at[i].ip;
    if (!is_good)
        fail(t, "change", 0);
}

static uint64_t roll(struct sampler *t)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return t->random >> 11;
}

static bool begin(void)
{
    if (!atomic_load(&is_ready))
        return false;
    if (mine)
        return true;
    void *p = mmap(NULL, sizeof *mine, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return false;
    mine = p;
    mine->random = 88172645463325252u + (uint64_t)getpid();
    stack_forget(&mine->stack);
    mine->epoch = mine->stack.epoch;
    return true;
}

static __attribute__((noinline)) void sample(struct stack_here here)
{
    if (is_inside)
        return;
    is_inside = true;
    if (begin()) {
        atomic_fetch_add(&n_captured, 1);
        apply(mine, stack_capture(&mine->stack, &here));
        if (rate && roll(mine) % rate == 0)
            compare(mine, here);
    }
    is_inside = false;
}

EXPORT void *malloc(size_t size)
{
    sample(STACK_HERE());
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    sample(STACK_HERE());
    return __libc_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t size)
{
    sample(STACK_HERE());
    return __libc_realloc(p, size);
}

EXPORT int dlclose(void *library)
{
    const int result = real_dlclose(library);
    module_refresh();
    return result;
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("UNWIND_RATE");
    is_inside = true;
    if (text)
        rate = strtoull(text, NULL, 10);
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
#ifndef __aarch64__
    *(void **)&unw.context = dlsym(library, NAME(unw_tdep_getcontext));
#endif
    *(void **)&unw.init = dlsym(library, NAME(unw_init_local));
    *(void **)&unw.step = dlsym(library, NAME(unw_step));
    *(void **)&unw.get = dlsym(library, NAME(unw_get_reg));
    *(void **)&unw.info = dlsym(library, NAME(unw_get_proc_info));
    *(void **)&unw.is_signal = dlsym(library, NAME(unw_is_signal_frame));
    *(void **)&real_dlclose = dlsym(RTLD_NEXT, "dlclose");
    if (getenv("UNWIND_FRESH")) {
        int (*set)(unw_addr_space_t, unw_caching_policy_t);
        unw_addr_space_t *space = dlsym(library, NAME(unw_local_addr_space));
        *(void **)&set = dlsym(library, NAME(unw_set_caching_policy));
        set(*space, UNW_CACHE_NONE);
    }
    module_start();
    rule_start();
    stack_start();
    atomic_store(&is_ready,
                 unw.init && unw.step && unw.get && unw.info && unw.is_signal);
    is_inside = false;
}

__attribute__((destructor)) static void report(void)
{
    char line[200];
    uint64_t too_short, slow;
    const char *path = getenv("UNWIND_RESULT");
    stack_count(&too_short, &slow);
    const int n = snprintf(line, sizeof line, "%lu %lu %lu %lu %lu\n",
                           n_captured, n_compared, n_wrong, slow, too_short);
    const int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : 2;
    if (write(fd, line, (size_t)n) != n)
        _exit(125);
}
