/* SPDX-License-Identifier: MIT */
#include "real.h"

#include "symbol.h"
#include "thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

HOT struct real shim_real;
HOT atomic_bool shim_real_known;
HOT struct real_texts shim_family;
HOT struct real_texts shim_operators;

/* Every function that we forward to: those of the start, which only grow, and
   those that came later, in turn. An entry is published by its end. */
enum { N_FORWARDED = 64, N_LATE = 64 };
static struct forwarded {
    _Atomic uintptr_t start, end;
} shim_forwarded[N_FORWARDED + N_LATE];
static _Atomic uint32_t shim_n_forwarded, shim_n_late;

/* The module of realloc. */
static struct real_texts shim_reallocs;

/* This thread is inside dlsym for us. volatile: libc's headers say that dlsym
   never calls back (it does: calloc), so a plain flag is never stored. */
static _Thread_local volatile bool shim_finding;

static void *early_malloc(size_t size)
{
    return real_early_alloc(1, size);
}

static void *early_calloc(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return real_early_alloc(1, bytes); /* pages that nobody used are zero */
}

static void *early_realloc(void *old, size_t size)
{
    void *new = real_early_alloc(1, size);
    if (new &&old && real_is_early(old)) {
        const size_t had = real_early_size(old);
        memcpy(new, old, had < size ? had : size);
    }
    return new;
}

static void *early_reallocarray(void *old, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return early_realloc(old, bytes);
}

static void early_free(void *p)
{
    (void)p;
}

static void *early_memalign(size_t alignment, size_t size)
{
    return real_early_alloc(alignment, size);
}

static int early_posix_memalign(void **p, size_t alignment, size_t size)
{
    void *new = real_early_alloc(alignment, size);
    if (!new)
        return ENOMEM;
    *p = new;
    return 0;
}

static void *early_valloc(size_t size)
{
    enum { PAGE = 64 * 1024 };
    return real_early_alloc(PAGE, size);
}

static void early_free_sized(void *p, size_t size)
{
    (void)size;
    real()->free(p);
}

static void early_free_aligned_sized(void *p, size_t alignment, size_t size)
{
    (void)alignment;
    (void)size;
    real()->free(p);
}

static int early_dlclose(void *handle)
{
    (void)handle;
    return -1;
}

/* Also what stays where the process has no such function. */
static const struct real early = {
    .malloc = early_malloc,
    .calloc = early_calloc,
    .realloc = early_realloc,
    .reallocarray = early_reallocarray,
    .free = early_free,
    .posix_memalign = early_posix_memalign,
    .aligned_alloc = early_memalign,
    .memalign = early_memalign,
    .valloc = early_valloc,
    .pvalloc = early_valloc,
    .free_sized = early_free_sized,
    .free_aligned_sized = early_free_aligned_sized,
    .dlclose = early_dlclose,
};

static void put(struct forwarded *f, uintptr_t start, size_t size)
{
    atomic_store(&f->end, 0);
    atomic_store(&f->start, start);
    atomic_store(&f->end, start + size);
}

static void widen(struct real_texts *around, uintptr_t start, size_t size)
{
    if (around->end == 0 || start < around->start)
        around->start = start;
    if (start + size > around->end)
        around->end = start + size;
}

static void note(struct real_texts *around, uintptr_t start, size_t size)
{
    if (size == 0)
        return;
    const uint32_t i = atomic_fetch_add(&shim_n_forwarded, 1);
    if (i >= N_FORWARDED)
        return;
    put(&shim_forwarded[i], start, size);
    widen(around, start, size);
}

/* A call may be a function's last instruction: its return address is the
   end. */
static bool is_in(struct forwarded *f, uint32_t n, uintptr_t ip)
{
    for (uint32_t i = 0; i < n; i++) {
        const uintptr_t end =
            atomic_load_explicit(&f[i].end, memory_order_acquire);
        const uintptr_t start =
            atomic_load_explicit(&f[i].start, memory_order_acquire);
        if (ip > start && ip <= end &&
            atomic_load_explicit(&f[i].end, memory_order_relaxed) == end)
            return true;
    }
    return false;
}

static uint32_t n_used(_Atomic uint32_t *n, uint32_t most)
{
    const uint32_t used = atomic_load_explicit(n, memory_order_relaxed);
    return used < most ? used : most;
}

static void note_late(uintptr_t start, size_t size)
{
    struct forwarded *late = shim_forwarded + N_FORWARDED;
    if (size == 0 || is_in(late, n_used(&shim_n_late, N_LATE), start + 1))
        return;
    put(&late[atomic_fetch_add(&shim_n_late, 1) % N_LATE], start, size);
    widen(&shim_operators, start, size);
}

bool real_is_forwarded(uintptr_t ip)
{
    return is_in(shim_forwarded, n_used(&shim_n_forwarded, N_FORWARDED), ip) ||
           is_in(shim_forwarded + N_FORWARDED, n_used(&shim_n_late, N_LATE),
                 ip);
}

bool real_is_reallocs(uintptr_t ip)
{
    return ip - shim_reallocs.start < shim_reallocs.end - shim_reallocs.start;
}

static bool is_ours(const void *p)
{
    return (uintptr_t)p - (uintptr_t)shim_text_start <
           (uintptr_t)shim_text_end - (uintptr_t)shim_text_start;
}

static size_t size_of(void *function)
{
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    if (!dladdr1(function, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
        return 0;
    return symbol->st_size;
}

/* Puts the next definition of `name`, or of libc's own name for it, into
 *slot, which keeps what it holds where there is none. */
static void find(void *slot, const char *name, const char *in_libc)
{
    void *next = dlsym(RTLD_NEXT, name);
    if ((!next || is_ours(next)) && in_libc)
        next = dlsym(RTLD_NEXT, in_libc);
    if (!next || is_ours(next)) /* a host with a dlsym of its own */
        next = symbol_find(name, 0).address;
    if (!next || is_ours(next))
        return;
    memcpy(slot, &next, sizeof next);
    note(&shim_family, (uintptr_t)next, size_of(next));
}

/* The same for a name that most hosts lack: a dlsym that fails leaves a message
   behind, whose memory the next dlsym, the host's, frees. */
static void find_new(void *slot, const char *name)
{
    const struct symbol s = symbol_find(name, 0);
    if (!s.address)
        return;
    memcpy(slot, &s.address, sizeof s.address);
    note(&shim_family, (uintptr_t)s.address, s.size);
}

static int note_module_of_realloc(struct dl_phdr_info *info, size_t size,
                                  void *realloc_at)
{
    (void)size;
    uintptr_t end = 0;
    bool holds = false;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + p->p_vaddr;
        if (p->p_type != PT_LOAD)
            continue;
        holds = holds || (uintptr_t)realloc_at - start < p->p_memsz;
        if (start + p->p_memsz > end)
            end = start + p->p_memsz;
    }
    if (holds)
        shim_reallocs = (struct real_texts){info->dlpi_addr, end};
    return holds;
}

static void find_all(void)
{
    struct real r = early;
    find(&r.malloc, "malloc", "__libc_malloc");
    find(&r.calloc, "calloc", "__libc_calloc");
    find(&r.realloc, "realloc", "__libc_realloc");
    find(&r.reallocarray, "reallocarray", "__libc_reallocarray");
    find(&r.free, "free", "__libc_free");
    find(&r.posix_memalign, "posix_memalign", NULL);
    find(&r.aligned_alloc, "aligned_alloc", NULL);
    find(&r.memalign, "memalign", "__libc_memalign");
    find(&r.valloc, "valloc", "__libc_valloc");
    find(&r.pvalloc, "pvalloc", "__libc_pvalloc");
    find_new(&r.free_sized, "free_sized");
    find_new(&r.free_aligned_sized, "free_aligned_sized");
    find(&r.dlclose, "dlclose", NULL);
    /* libc's own calls none of us; libc's text does, for a signal handler. */
    if (*(void **)&r.realloc != dlsym(RTLD_NEXT, "__libc_realloc"))
        dl_iterate_phdr(note_module_of_realloc, *(void **)&r.realloc);
    (void)dlerror(); /* nobody must hear of a name that was not there */
    shim_real = r;
}

const struct real *real_find(void)
{
    if (shim_finding)
        return &early;
    shim_finding = true;
    const int saved = errno;
    const uintptr_t guard = thread_begin_own();
    find_all();
    thread_end_own(guard);
    errno = saved;
    atomic_store_explicit(&shim_real_known, true, memory_order_release);
    shim_finding = false;
    return &shim_real;
}

static const char *const operator_names[] = {
#define OPERATOR_NAME(name, mangled) mangled,
    REAL_OPERATORS(OPERATOR_NAME)
#undef OPERATOR_NAME
};

static void *_Atomic shim_operator[REAL_N_OPERATORS];

/* The rest, by call site. A slot is {key ^ address, address}, so one that is
   half written is one that does not hold the key. */
enum { LATE_SLOTS = 512, LATE_SHIFT = 64 - 9 };
static struct late {
    _Atomic uint64_t check, address;
} shim_late[LATE_SLOTS];
static atomic_bool shim_has_late;
static _Atomic uint32_t shim_n_forgotten; /* how many times */

static void put_late(struct late *slot, uint64_t key, uint64_t address)
{
    atomic_store_explicit(&slot->check, key ^ address, memory_order_relaxed);
    atomic_store_explicit(&slot->address, address, memory_order_relaxed);
}

static void *find_late(struct late *slot, uint64_t key,
                       enum real_operator which, uintptr_t caller)
{
    const int saved = errno;
    const uint32_t before = atomic_load(&shim_n_forgotten);
    const struct symbol s = symbol_find(operator_names[which], caller);
    if (s.address && before == atomic_load(&shim_n_forgotten)) {
        atomic_store(&shim_has_late, true);
        note_late((uintptr_t)s.address, s.size);
        put_late(slot, key, (uint64_t)(uintptr_t)s.address);
    }
    errno = saved;
    return s.address;
}

static void *late_operator(enum real_operator which, uintptr_t caller)
{
    const uint64_t key = (uint64_t)caller | (uint64_t)(which + 1) << 48;
    struct late *slot = &shim_late[key * 0x9e3779b97f4a7c15u >> LATE_SHIFT];
    const uint64_t address =
        atomic_load_explicit(&slot->address, memory_order_relaxed);
    const uint64_t check =
        atomic_load_explicit(&slot->check, memory_order_relaxed);
    if (__builtin_expect(address && (check ^ address) == key, 1))
        return (void *)(uintptr_t)address;
    return find_late(slot, key, which, caller);
}

void *real_operator(enum real_operator which, uintptr_t caller)
{
    void *known =
        atomic_load_explicit(&shim_operator[which], memory_order_acquire);
    if (__builtin_expect(known != NULL, 1))
        return known;
    return late_operator(which, caller);
}

void real_start_operators(void)
{
    for (int i = 0; i < REAL_N_OPERATORS; i++) {
        const struct symbol s = symbol_find(operator_names[i], 0);
        if (!s.address)
            continue;
        note(&shim_operators, (uintptr_t)s.address, s.size);
        atomic_store_explicit(&shim_operator[i], s.address,
                              memory_order_release);
    }
}

void real_forget_late(void)
{
    if (!atomic_exchange(&shim_has_late, false))
        return;
    atomic_fetch_add(&shim_n_forgotten, 1);
    for (uint32_t i = 0; i < LATE_SLOTS; i++)
        put_late(&shim_late[i], 0, 0);
    for (uint32_t i = 0; i < N_LATE; i++)
        atomic_store(&shim_forwarded[N_FORWARDED + i].end, 0);
}
