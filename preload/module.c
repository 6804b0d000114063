/* SPDX-License-Identifier: MIT */
/*
 * A module is written into a node of a pool that nobody else sees, and then
 * published by one compare-and-swap into the first free place of order[]. A
 * thread that is stopped half way costs a node and holds nobody up; two threads
 * that note the same module meet in order[], and the second gives up its node.
 */
#include "module.h"

#include "raw.h"
#include "window.h"

#include <dlfcn.h>
#include <elf.h>
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

/* Where a module is, and for the loader: which. */
struct place {
    uintptr_t bias, start, end;
    const void *eh_frame_hdr, *link_map;
};

static int (*find_object)(void *, struct found *);
static struct module pool[MODULE_MAX];
static _Atomic uint32_t n_pool;
static _Atomic uint32_t order[MODULE_MAX]; /* node + 1; 0: none yet */
_Atomic uint32_t module_now;
static bool is_started;
static char program[MODULE_PATH];

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
    return m->start == p->start && m->end == p->end && m->bias == p->bias &&
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

static const struct module *known(const struct place *p)
{
    const struct module *m;
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++)
        if (is_at(m, p) && module_gone(m) == 0)
            return m;
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

/* One segment of notes. */
static void read_notes(struct module *m, struct window *w, uintptr_t at,
                       size_t len, size_t align)
{
    while (len >= sizeof(Elf64_Nhdr) &&
           window_grow(w, at, sizeof(Elf64_Nhdr))) {
        const Elf64_Nhdr *note = (const Elf64_Nhdr *)at;
        const size_t name = (note->n_namesz + align - 1) & ~(align - 1);
        const size_t desc = (note->n_descsz + align - 1) & ~(align - 1);
        const size_t whole = sizeof *note + name + desc;
        if (whole > len || !window_grow(w, at, whole))
            return;
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
            note->n_descsz <= MODULE_BUILD_ID &&
            memcmp(note + 1, "GNU", 4) == 0) {
            m->build_id_len = note->n_descsz;
            memcpy(m->build_id, (const char *)(note + 1) + name,
                   note->n_descsz);
            return;
        }
        at += whole;
        len -= whole;
    }
}

/* The ELF header is the first thing that a module maps. */
static void read_build_id(struct module *m)
{
    struct window w = {0, 0};
    window_at(&w, m->start);
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)m->start;
    if (!window_grow(&w, m->start, sizeof *elf) ||
        memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->e_phentsize != sizeof(Elf64_Phdr) || elf->e_phoff > 4096 ||
        !window_grow(&w, m->start + elf->e_phoff,
                     elf->e_phnum * sizeof(Elf64_Phdr)))
        return;
    const Elf64_Phdr *headers = (const Elf64_Phdr *)(m->start + elf->e_phoff);
    for (uint32_t i = 0; i < elf->e_phnum && m->build_id_len == 0; i++) {
        const uintptr_t at = m->bias + headers[i].p_vaddr;
        if (headers[i].p_type != PT_NOTE || at < m->start || at >= m->end)
            continue;
        struct window notes = {0, 0};
        window_at(&notes, at);
        read_notes(m, &notes, at, headers[i].p_memsz,
                   headers[i].p_align == 8 ? 8 : 4);
    }
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

static void describe(struct module *m, const struct place *p, const char *name)
{
    m->bias = p->bias;
    m->start = p->start;
    m->end = p->end;
    m->eh_frame_hdr = p->eh_frame_hdr;
    m->link_map = p->link_map;
    write_path(m, name);
    read_build_id(m);
}

static const struct module *note(const struct place *p, const char *name)
{
    uint32_t node = atomic_load_explicit(&n_pool, memory_order_relaxed);
    do {
        if (node == MODULE_MAX)
            return NULL;
    } while (!atomic_compare_exchange_weak(&n_pool, &node, node + 1));
    describe(&pool[node], p, name);
    return publish(&pool[node], p);
}

static bool place_of(uintptr_t ip, struct place *p)
{
    struct found f;
    if (find_object((void *)ip, &f) != 0)
        return false;
    *p = (struct place){
        .bias = f.map->l_addr,
        .start = (uintptr_t)f.start,
        .end = (uintptr_t)f.end,
        .eh_frame_hdr = f.eh_frame_hdr,
        .link_map = f.map,
    };
    return true;
}

static const char *name_of(const struct place *p)
{
    const struct link_map *map = p->link_map;
    return map->l_name ? map->l_name : "";
}

const struct module *module_find(uintptr_t ip)
{
    struct place p;
    if (!find_object)
        return known_at(ip);
    if (!place_of(ip, &p))
        return NULL;
    const struct module *m = known(&p);
    return m ? m : note(&p, name_of(&p));
}

static struct place place_of_headers(const struct dl_phdr_info *info)
{
    struct place p = {.bias = info->dlpi_addr, .start = UINTPTR_MAX};
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
        note(&p, info->dlpi_name ? info->dlpi_name : "");
    return 0;
}

void module_start(void)
{
    const long n = RAW_CALL4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe",
                             program, MODULE_PATH - 1);
    program[n > 0 ? n : 0] = '\0';
    *(void **)&find_object = dlsym(RTLD_DEFAULT, "_dl_find_object");
    dl_iterate_phdr(note_listed, NULL);
    is_started = true;
}

static int compare_listed(struct dl_phdr_info *info, size_t size, void *m)
{
    (void)size;
    const struct place p = place_of_headers(info);
    return is_at(m, &p);
}

/* Is m still what the loader has there? */
static bool still_stands(const struct module *m)
{
    struct place p;
    if (!find_object)
        return dl_iterate_phdr(compare_listed, (void *)(uintptr_t)m) != 0;
    if (!place_of(m->start, &p) || !is_at(m, &p))
        return false;
    struct module now = {.build_id_len = 0};
    describe(&now, &p, name_of(&p));
    return has_same_content(m, &now);
}

void module_refresh(void)
{
    const uint32_t next = module_epoch() + 1;
    const struct module *m;
    bool went = false;
    for (uint32_t i = 0; (m = module_at(i)) != NULL; i++)
        if (module_gone(m) == 0 && !still_stands(m)) {
            mark_gone(m, next);
            went = true;
        }
    if (went)
        raise_epoch(next);
    if (!find_object)
        dl_iterate_phdr(note_listed, NULL);
}

bool module_is_ours(uintptr_t ip)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    extern const char _end[] __attribute__((visibility("hidden")));
    return ip >= (uintptr_t)__ehdr_start && ip < (uintptr_t)_end;
}
