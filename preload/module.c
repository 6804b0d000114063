/* SPDX-License-Identifier: MIT */
/*
 * A module is written into a node of a pool that nobody else sees, and then
 * published by one compare-and-swap into the first free place of order[]. A
 * thread that is stopped half way costs a node and holds nobody up; two threads
 * that note the same module meet in order[], and the second gives up its node.
 */
#include "module.h"

#include "build_id.h"
#include "raw.h"
#include "window.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

/* struct dl_find_object of glibc 2.35; headers may be older than the host. */
struct found {
    unsigned long long flags;
    void *start, *end;
    struct link_map *map;
    void *eh_frame_hdr;
    unsigned long long reserved[7];
};

/* Where a module is, and for the loader: which. Nothing here was read from
   memory that may be gone. */
struct place {
    uintptr_t start, end;
    const void *eh_frame_hdr, *link_map;
};

static int (*find_object)(void *, struct found *);
static struct module pool[MODULE_MAX];
static _Atomic uint32_t n_pool;
static _Atomic uint32_t order[MODULE_MAX]; /* node + 1; 0: none yet */
_Atomic uint32_t module_now;
_Atomic uint32_t module_n_closing;
static bool is_started;
static char program[MODULE_PATH];
static struct place whole; /* of the program itself, known from the start */

static void raise_epoch(uint32_t to)
{
    uint32_t now = module_epoch();
    while (now < to && !atomic_compare_exchange_weak(&module_now, &now, to))
        continue;
}

/* The modules of the start are there in epoch 0. */
static uint32_t next_epoch(void)
{
    return is_started ? module_epoch() + 1 : 0;
}

const struct module *module_at(uint32_t i)
{
    if (i >= MODULE_MAX)
        return NULL;
    const uint32_t node = atomic_load_explicit(&order[i], memory_order_acquire);
    return node ? &pool[node - 1] : NULL;
}

uint32_t module_gone(const struct module *m)
{
    return atomic_load_explicit(&m->gone, memory_order_acquire);
}

/* Only nodes that were published are marked, and pool[] is ours to write. */
static void mark_gone(const struct module *m, uint32_t from)
{
    uint32_t still = 0;
    atomic_compare_exchange_strong(&pool[m - pool].gone, &still, from);
}

static bool is_at(const struct module *m, const struct place *p)
{
    return m->start == p->start && m->end == p->end &&
           m->eh_frame_hdr == p->eh_frame_hdr && m->link_map == p->link_map;
}

static bool has_same_content(const struct module *m, const struct module *n)
{
    return m->build_id_len == n->build_id_len &&
           memcmp(m->build_id, n->build_id, m->build_id_len) == 0 &&
           strcmp(m->path, n->path) == 0;
}

static bool overlaps(const struct module *m, const struct module *n)
{
    return m->start < n->end && n->start < m->end;
}

/* The entry of what is at p, or NULL. Where modules come and go all the time
   most entries are of the past; `recent` saves looking through them. */
static const struct module *known(const struct place *p)
{
    static _Atomic uint32_t recent[256]; /* id + 1, by page */
    _Atomic uint32_t *guess = &recent[p->start / WINDOW_PAGE % 256];
    const uint32_t id = atomic_load_explicit(guess, memory_order_relaxed);
    const struct module *m = id ? module_at(id - 1) : NULL;
    if (m && is_at(m, p) && module_gone(m) == 0)
        return m;
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++)
        if (is_at(m, p) && module_gone(m) == 0) {
            atomic_store_explicit(guess, i + 1, memory_order_relaxed);
            return m;
        }
    return NULL;
}

static const struct module *known_at(uintptr_t ip)
{
    const struct module *m;
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++)
        if (ip >= m->start && ip < m->end && module_gone(m) == 0)
            return m;
    return NULL;
}

static uint32_t copy_text(char *to, uint32_t at, const char *from)
{
    while (*from && at < MODULE_PATH - 1)
        to[at++] = *from++;
    to[at] = '\0';
    return at;
}

static void write_path(struct module *m, const char *name)
{
    uint32_t n = 0;
    if (m->start == getauxval(AT_SYSINFO_EHDR)) {
        copy_text(m->path, 0, "[vdso]");
        return;
    }
    if (*name == '\0') {
        copy_text(m->path, 0, program);
        return;
    }
    if (*name != '/') {
        const long len = RAW_CALL2(SYS_getcwd, m->path, MODULE_PATH / 2);
        if (len > 1 && m->path[0] == '/') {
            n = (uint32_t)len - 1;
            m->path[n++] = '/';
        }
    }
    copy_text(m->path, n, name);
}

/* Two modules are never at one place: what was there before is gone. */
static void bury_below(const struct module *m)
{
    const struct module *old;
    for (uint32_t i = 0; i < m->id && (old = module_at(i)) != NULL; i++)
        if (overlaps(old, m) && module_gone(old) == 0)
            mark_gone(old, m->epoch);
}

static const struct module *publish(struct module *m, const struct place *p)
{
    for (uint32_t i = 0; i < MODULE_MAX; i++) {
        uint32_t none = 0;
        m->id = i;
        m->epoch = next_epoch();
        if (atomic_compare_exchange_strong(&order[i], &none,
                                           (uint32_t)(m - pool) + 1)) {
            bury_below(m);
            raise_epoch(m->epoch);
            return m;
        }
        const struct module *there = module_at(i);
        if (is_at(there, p) && module_gone(there) == 0)
            return there;
    }
    return NULL;
}

static void describe(struct module *m, const struct place *p, uintptr_t bias,
                     const char *name)
{
    m->bias = bias;
    m->start = p->start;
    m->end = p->end;
    m->eh_frame_hdr = p->eh_frame_hdr;
    m->link_map = p->link_map;
    write_path(m, name);
    m->build_id_len = build_id_read(m->build_id, m->start, m->end, bias);
}

static const struct module *note(const struct place *p, uintptr_t bias,
                                 const char *name)
{
    uint32_t node = atomic_load_explicit(&n_pool, memory_order_relaxed);
    do {
        if (node == MODULE_MAX)
            return NULL;
    } while (!atomic_compare_exchange_weak(&n_pool, &node, node + 1));
    describe(&pool[node], p, bias, name);
    return publish(&pool[node], p);
}

/* The kernel may leave holes between a program's segments, and then the loader
   tells each by itself; call frame information stands in one of them and speaks
   of another. */
static bool place_of(uintptr_t ip, struct place *p)
{
    struct found f;
    if (find_object((void *)ip, &f) != 0)
        return false;
    *p = (struct place){
        .start = (uintptr_t)f.start,
        .end = (uintptr_t)f.end,
        .eh_frame_hdr = f.eh_frame_hdr,
        .link_map = f.map,
    };
    if (p->start >= whole.start && p->end <= whole.end) {
        p->start = whole.start;
        p->end = whole.end;
    }
    return true;
}

/* The module is in use (its code is on a stack), so its link_map stands; an
   address that only looks like a frame may lie in one that is going. */
static const struct module *note_found(const struct place *p)
{
    const struct link_map *map = p->link_map;
    struct window w = {0, 0};
    if (!window_jump(&w, (uintptr_t)map, sizeof *map))
        return NULL;
    return note(p, map->l_addr, map->l_name ? map->l_name : "");
}

/* Is m what is at its place now? The name it was loaded by says so: its path
   ends in that. The vDSO stays, and so does what has a longer path. */
static bool has_its_name(const struct module *m)
{
    const struct link_map *map = m->link_map;
    struct window w = {0, 0};
    const size_t len = strnlen(m->path, MODULE_PATH);
    if (!window_jump(&w, (uintptr_t)map, sizeof *map) || !map->l_name ||
        m->path[0] != '/' || len == MODULE_PATH - 1)
        return true;
    const size_t n = strnlen(map->l_name, MODULE_PATH);
    return n <= len && memcmp(m->path + len - n, map->l_name, n) == 0;
}

const struct module *module_find(uintptr_t ip)
{
    struct place p;
    if (!find_object)
        return known_at(ip);
    if (!place_of(ip, &p))
        return NULL;
    const struct module *m = known(&p);
    if (m && module_is_closing() && !has_its_name(m)) {
        mark_gone(m, module_epoch() + 1);
        m = NULL;
    }
    return m ? m : note_found(&p);
}

static struct place place_of_headers(const struct dl_phdr_info *info)
{
    struct place p = {.start = UINTPTR_MAX};
    for (uint32_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        const uintptr_t at = info->dlpi_addr + h->p_vaddr;
        if (h->p_type == PT_GNU_EH_FRAME)
            p.eh_frame_hdr = (const void *)at;
        if (h->p_type != PT_LOAD)
            continue;
        const uintptr_t first = at & ~(uintptr_t)(WINDOW_PAGE - 1);
        p.start = first < p.start ? first : p.start;
        p.end = at + h->p_memsz > p.end ? at + h->p_memsz : p.end;
    }
    return p;
}

static int note_listed(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    const struct place p = place_of_headers(info);
    if (find_object)
        module_find(p.start);
    else if (!known(&p))
        note(&p, info->dlpi_addr, info->dlpi_name ? info->dlpi_name : "");
    return 0;
}

static int keep_whole(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    whole = place_of_headers(info);
    return 1; /* the program is listed first */
}

void module_start(void)
{
    const long n = RAW_CALL4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                             program, MODULE_PATH - 1);
    program[n > 0 ? n : 0] = '\0';
    *(void **)&find_object = dlsym(RTLD_DEFAULT, "_dl_find_object");
    dl_iterate_phdr(keep_whole, NULL);
    dl_iterate_phdr(note_listed, NULL);
    is_started = true;
}

/* What a pass over the loader's list found out about each entry. */
struct survey {
    uint8_t listed[MODULE_MAX / 8], replaced[MODULE_MAX / 8];
};

static void mark(uint8_t *bits, uint32_t i)
{
    bits[i / 8] |= (uint8_t)(1u << i % 8);
}

static bool is_marked(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> i % 8 & 1;
}

/* The list is locked, so what is in it can be read: another thread cannot
   unload it meanwhile. */
static int survey_listed(struct dl_phdr_info *info, size_t size, void *data)
{
    struct survey *survey = data;
    struct place p = place_of_headers(info);
    (void)size;
    if (find_object && !place_of(p.start, &p))
        return 0;
    const struct module *m = known(&p);
    if (!m)
        return 0;
    struct module now = {.build_id_len = 0};
    describe(&now, &p, info->dlpi_addr, info->dlpi_name ? info->dlpi_name : "");
    mark(survey->listed, m->id);
    if (!has_same_content(m, &now))
        mark(survey->replaced, m->id);
    return 0;
}

/* dl_iterate_phdr lists one namespace; modules of others are asked for by
   address, and whether they were replaced is not asked: nothing holds them. */
static bool has_gone(const struct survey *survey, const struct module *m)
{
    struct place p;
    if (is_marked(survey->listed, m->id))
        return is_marked(survey->replaced, m->id);
    return !find_object || !place_of(m->start, &p) || !is_at(m, &p);
}

void module_refresh(void)
{
    struct survey survey = {.listed = {0}};
    uint32_t n = 0, next = 0;
    while (module_at(n) != NULL)
        n++;
    dl_iterate_phdr(survey_listed, &survey);
    for (uint32_t i = 0; i < n; i++) {
        const struct module *m = module_at(i);
        if (module_gone(m) != 0 || !has_gone(&survey, m))
            continue;
        if (next == 0)
            next = module_epoch() + 1;
        mark_gone(m, next);
    }
    raise_epoch(next);
    if (!find_object)
        dl_iterate_phdr(note_listed, NULL);
}

void module_close_begin(void)
{
    atomic_fetch_add(&module_n_closing, 1);
}

void module_close_end(void)
{
    uint32_t n = atomic_load(&module_n_closing);
    while (n > 0 && !atomic_compare_exchange_weak(&module_n_closing, &n, n - 1))
        continue;
}

void module_forked(void)
{
    atomic_store(&module_n_closing, 0);
}

bool module_is_ours(uintptr_t ip)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    extern const char _end[] __attribute__((visibility("hidden")));
    return ip >= (uintptr_t)__ehdr_start && ip < (uintptr_t)_end;
}
