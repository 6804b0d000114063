/* SPDX-License-Identifier: MIT */
/*
 * A module is written into a node that nobody else sees, and then published by
 * one compare-and-swap into the first free place of the table. A thread that is
 * stopped half way costs a node and holds nobody up; two threads that note the
 * same module meet in the table, and the second's node is never used.
 */
#include "module.h"

#include "store.h"
#include "window.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

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

/* The table, by id, a part at a time. */
enum { PART = 256, PARTS = MODULE_MAX / PART };
struct part {
    struct module *_Atomic at[PART]; /* NULL: none yet */
};
static struct part *_Atomic parts[PARTS];

HOT _Atomic uint32_t module_now;
HOT _Atomic uint32_t module_n_closing;
static atomic_bool is_full;
static bool is_started;
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

static struct part *part_of(uint32_t i)
{
    return i < MODULE_MAX
               ? atomic_load_explicit(&parts[i / PART], memory_order_acquire)
               : NULL;
}

static struct module *entry_at(uint32_t i)
{
    struct part *part = part_of(i);
    return part
               ? atomic_load_explicit(&part->at[i % PART], memory_order_acquire)
               : NULL;
}

const struct module *module_at(uint32_t i)
{
    return entry_at(i);
}

/* The place of entry i, made if need be; NULL: there is none. */
static struct module *_Atomic *place_in_table(uint32_t i)
{
    struct part *none = NULL;
    if (i >= MODULE_MAX)
        return NULL;
    if (!part_of(i)) {
        struct part *part = store_take(sizeof *part);
        if (part)
            atomic_compare_exchange_strong(&parts[i / PART], &none, part);
    }
    struct part *part = part_of(i);
    return part ? &part->at[i % PART] : NULL;
}

uint32_t module_gone(const struct module *m)
{
    return atomic_load_explicit(&m->gone, memory_order_acquire);
}

/* Only modules that were published are marked. */
static void mark_gone(const struct module *m, uint32_t from)
{
    uint32_t still = 0;
    atomic_compare_exchange_strong(&entry_at(m->id)->gone, &still, from);
}

static bool is_at(const struct module *m, const struct place *p)
{
    return m->start == p->start && m->end == p->end &&
           m->eh_frame_hdr == p->eh_frame_hdr && m->link_map == p->link_map;
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

/* Two modules are never at one place: what was there before is gone. */
static void bury_below(const struct module *m)
{
    const struct module *old;
    for (uint32_t i = 0; i < m->id && (old = module_at(i)) != NULL; i++)
        if (overlaps(old, m) && module_gone(old) == 0)
            mark_gone(old, m->epoch);
}

/* It is in the table, and who put it there may not have come further: a handler
   of his, or another thread, goes by it from now on. So an entry's epoch is
   later than that of each before it. */
static void complete(const struct module *m)
{
    if (m->epoch <= module_epoch())
        return;
    bury_below(m);
    raise_epoch(m->epoch);
}

/* NULL: the table is full. */
static const struct module *publish(struct module *m, const struct place *p)
{
    for (uint32_t i = 0;; i++) {
        struct module *there = entry_at(i);
        if (!there) {
            struct module *_Atomic *place = place_in_table(i);
            m->id = i;
            m->epoch = next_epoch();
            if (!place)
                return NULL;
            if (atomic_compare_exchange_strong(place, &there, m)) {
                there = m;
                bury_below(m); /* whoever raises the epoch meanwhile */
            }
        }
        complete(there);
        if (is_at(there, p) && module_gone(there) == 0)
            return there;
    }
}

static struct module *make_node(const struct place *p, uintptr_t bias,
                                const char *name)
{
    struct module_read read;
    module_file_read(&read, p->start, p->end, bias, name);
    const struct module_file *file = module_file_keep(&read);
    struct module *m = file ? store_take(sizeof *m) : NULL;
    if (!m)
        return NULL;
    *m = (struct module){
        .bias = bias,
        .start = p->start,
        .end = p->end,
        .eh_frame_hdr = p->eh_frame_hdr,
        .link_map = p->link_map,
        .file = file,
    };
    return m;
}

static const struct module *note(const struct place *p, uintptr_t bias,
                                 const char *name)
{
    struct module *node = module_is_full() ? NULL : make_node(p, bias, name);
    const struct module *m = node ? publish(node, p) : NULL;
    if (!m)
        atomic_store(&is_full, true);
    return m;
}

bool module_is_full(void)
{
    return atomic_load_explicit(&is_full, memory_order_relaxed);
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
    const char *path = m->file->path;
    const size_t len = m->file->path_len;
    if (!window_jump(&w, (uintptr_t)map, sizeof *map) || !map->l_name ||
        path[0] != '/' || len == MODULE_PATH - 1)
        return true;
    const size_t n = strnlen(map->l_name, MODULE_PATH);
    return n <= len && memcmp(path + len - n, map->l_name, n) == 0;
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
    if (m)
        complete(m);
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
    struct module_read now;
    module_file_read(&now, p.start, p.end, info->dlpi_addr,
                     info->dlpi_name ? info->dlpi_name : "");
    mark(survey->listed, m->id);
    if (!module_file_is(m->file, &now))
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
