/* SPDX-License-Identifier: MIT */
#include "foreign.h"

#include "cfi.h"
#include "got.h"
#include "module.h"
#include "raw.h"
#include "rule.h"
#include "switch.h"

#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#define TEXT_OF(name) #name
#define NAME(name)    TEXT_OF(name)
#define LIBRARY       "libunwind-" NAME(UNW_TARGET) ".so.8"

/* What one walk needs. */
struct walk {
    struct switch_registers registers; /* first: see switch.h */
    struct stack *stack;
    struct stack_here here;
    const struct module *module; /* the last whose tables were asked for */
    struct window tables;
    uint32_t n;
    uint64_t more;
};
_Static_assert(offsetof(struct walk, registers) == 0, "passed to switch_to");

static struct {
    int (*search)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *,
                  unw_proc_info_t *, int, void *);
    int (*init)(unw_cursor_t *, unw_addr_space_t, void *);
    int (*step)(unw_cursor_t *);
    int (*get)(unw_cursor_t *, int, unw_word_t *);
    unw_addr_space_t space;
} unw;

static atomic_bool is_ready;
static _Atomic uint32_t n_inside;
static _Thread_local volatile bool is_loading;

static int find_tables(unw_addr_space_t space, unw_word_t ip,
                       unw_proc_info_t *info, int need, void *walk)
{
    struct walk *w = walk;
    uintptr_t table;
    size_t n;
    const struct module *m = module_find(ip);
    if (!m || !cfi_covers(m, ip) || !cfi_table(m, &table, &n))
        return -UNW_ENOINFO;
    w->module = m;
    unw_dyn_info_t where = {
        .start_ip = m->start,
        .end_ip = m->end,
        .format = UNW_INFO_FORMAT_REMOTE_TABLE,
    };
    where.u.rti.segbase = (unw_word_t)m->eh_frame_hdr;
    where.u.rti.table_data = table;
    where.u.rti.table_len = n; /* in words, which is what a pair takes */
    return unw.search(space, ip, &where, info, need, walk);
}

static void put_tables(unw_addr_space_t space, unw_proc_info_t *info,
                       void *walk)
{
    (void)space;
    (void)info;
    (void)walk;
}

static int no_list(unw_addr_space_t space, unw_word_t *list, void *walk)
{
    (void)space;
    (void)list;
    (void)walk;
    return -UNW_ENOINFO;
}

static int read_memory(unw_addr_space_t space, unw_word_t at, unw_word_t *word,
                       int write, void *walk)
{
    struct walk *w = walk;
    uintptr_t value;
    (void)space;
    if (write)
        return -UNW_EREADONLYREG;
    if (!window_holds(&w->stack->pages, at, sizeof value) && w->module &&
        at >= w->module->start && at < w->module->end) {
        if (!window_jump(&w->tables, at, sizeof value) ||
            !window_read(&w->tables, at, &value))
            return -UNW_EINVAL;
    } else if (!window_read(&w->stack->pages, at, &value)) {
        return -UNW_EINVAL;
    }
    *word = value;
    return 0;
}

static int read_register(unw_addr_space_t space, unw_regnum_t number,
                         unw_word_t *word, int write, void *walk)
{
    const struct walk *w = walk;
    (void)space;
    if (write || number < 0 || number >= SWITCH_REGISTERS)
        return -UNW_EBADREG;
    *word = w->registers.at[number];
    return 0;
}

static int read_float(unw_addr_space_t space, unw_regnum_t number,
                      unw_fpreg_t *value, int write, void *walk)
{
    (void)space;
    (void)number;
    (void)value;
    (void)write;
    (void)walk;
    return -UNW_EBADREG;
}

static int no_resume(unw_addr_space_t space, unw_cursor_t *cursor, void *walk)
{
    (void)space;
    (void)cursor;
    (void)walk;
    return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t space, unw_word_t at, char *name,
                   size_t len, unw_word_t *off, void *walk)
{
    (void)space;
    (void)at;
    (void)name;
    (void)len;
    (void)off;
    (void)walk;
    return -UNW_ENOINFO;
}

static bool find_functions(void *library)
{
    unw_accessors_t accessors = {find_tables, put_tables,    no_list,
                                 read_memory, read_register, read_float,
                                 no_resume,   no_name};
    unw_addr_space_t (*create)(unw_accessors_t *, int);
    *(void **)&create = dlsym(library, NAME(unw_create_addr_space));
    *(void **)&unw.search =
        dlsym(library, NAME(UNW_OBJ(dwarf_search_unwind_table)));
    *(void **)&unw.init = dlsym(library, NAME(unw_init_remote));
    *(void **)&unw.step = dlsym(library, NAME(unw_step));
    *(void **)&unw.get = dlsym(library, NAME(unw_get_reg));
    if (!create || !unw.search || !unw.init || !unw.step || !unw.get)
        return false;
    unw.space = create(&accessors, 0); /* and no cache: that is the default */
    return unw.space != NULL;
}

static void keep(struct walk *w, unw_word_t ip, unw_word_t sp, uint32_t flags)
{
    if (w->n == OURO_MAX_DEPTH) {
        w->more++;
        return;
    }
    module_find(ip); /* notes it */
    w->stack->fresh[w->n++] = (struct stack_fresh){
        .frame = {.ip = ip, .sp = sp, .flags = flags | STACK_FOREIGN}};
}

/* Runs on the scratch stack. */
static void collect(struct switch_registers *registers)
{
    struct walk *w = (struct walk *)registers;
    unw_cursor_t cursor;
    unw_word_t ip = 0, sp = 0;
    uint32_t flags = 0;
    bool is_outside = false;
    if (unw.init(&cursor, unw.space, w) != 0)
        return;
    while (w->more < STACK_MAX_WALK && unw.step(&cursor) > 0 &&
           unw.get(&cursor, UNW_REG_IP, &ip) == 0 && ip != 0 &&
           unw.get(&cursor, UNW_REG_SP, &sp) == 0) {
        if (ip == w->here.ip && sp == w->here.sp)
            is_outside = true;
        if (is_outside)
            keep(w, ip, sp, flags);
        const uint64_t rule =
            rule_find(ip - (flags ? 0 : 1), rule_epoch(module_epoch()));
        if (rule == RULE_END)
            return; /* libunwind would guess */
        flags =
            (rule & RULE_SET) && (rule & RULE_SIGNAL) ? STACK_INTERRUPTED : 0;
    }
}

bool foreign_is_ready(void)
{
    return atomic_load_explicit(&is_ready, memory_order_acquire);
}

uint32_t foreign_walk(struct stack *s, struct stack_here here, uint64_t *more)
{
    struct walk w = {.stack = s, .here = here};
    const int saved = errno;
    uint64_t before;
    if (!foreign_is_ready() || !raw_block_signals(&before))
        return 0;
    window_at(&s->pages, (uintptr_t)&w);
    atomic_fetch_add(&n_inside, 1);
    switch_to(s->scratch + STACK_SCRATCH, collect, &w.registers);
    atomic_fetch_sub(&n_inside, 1);
    raw_set_signals(before);
    errno = saved;
    *more = w.more;
    return w.n;
}

/* Never inlined, so that there is a frame to begin at and one to find. */
static __attribute__((noinline)) void warm(struct stack *s)
{
    uint64_t more;
    foreign_walk(s, STACK_HERE(), &more);
}

/* libunwind keeps a pipe to ask the kernel what can be read. We never let it
   ask; the host would meet the descriptors, or have closed them. */
static int no_pipe(int ends[2], int flags)
{
    (void)flags;
    ends[0] = ends[1] = -1;
    return 0;
}

void foreign_start(void)
{
    is_loading = true;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library && got_replace(library, "pipe2", (uintptr_t)no_pipe) &&
        find_functions(library)) {
        atomic_store_explicit(&is_ready, true, memory_order_release);
        const long s =
            RAW_CALL6(SYS_mmap, 0, sizeof(struct stack), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (raw_is_address(s)) {
            warm((struct stack *)s);
            RAW_CALL2(SYS_munmap, s, sizeof(struct stack));
        }
    }
    is_loading = false;
}

void foreign_forked(void)
{
    if (atomic_exchange(&n_inside, 0) != 0)
        atomic_store(&is_ready, false);
}

bool foreign_is_loading(void)
{
    return is_loading;
}
