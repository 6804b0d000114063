/* SPDX-License-Identifier: MIT */
#include "symbol.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What a module's dynamic section names. */
struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *gnu_hash, *hash;
};

/* How well a definition suits the caller. */
enum rank { RANK_NONE, RANK_ANY, RANK_RUNTIME, RANK_OWN };

struct search {
    const char *name;
    uintptr_t caller;
    struct symbol found;
    enum rank rank;
    bool seen_ours;
};

/* The loader has added the bias in place, but not for the vDSO. */
static const void *placed(uintptr_t value, uintptr_t bias)
{
    return (const void *)(value < bias ? value + bias : value);
}

static struct tables tables_of(const struct dl_phdr_info *info)
{
    struct tables t = {0};
    const ElfW(Dyn) *d = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            d = (const ElfW(Dyn) *)(info->dlpi_addr +
                                    info->dlpi_phdr[i].p_vaddr);
    for (; d && d->d_tag != DT_NULL; d++) {
        const void *at = placed(d->d_un.d_ptr, info->dlpi_addr);
        if (d->d_tag == DT_SYMTAB)
            t.symbols = at;
        else if (d->d_tag == DT_STRTAB)
            t.strings = at;
        else if (d->d_tag == DT_GNU_HASH)
            t.gnu_hash = at;
        else if (d->d_tag == DT_HASH)
            t.hash = at;
    }
    return t;
}

static bool is_definition(const struct tables *t, uint32_t i, const char *name)
{
    const ElfW(Sym) *s = &t->symbols[i];
    const int bind = ELF64_ST_BIND(s->st_info);
    return s->st_shndx != SHN_UNDEF && s->st_value != 0 &&
           ELF64_ST_TYPE(s->st_info) == STT_FUNC &&
           (bind == STB_GLOBAL || bind == STB_WEAK) &&
           strcmp(t->strings + s->st_name, name) == 0;
}

static uint32_t gnu_hash(const char *name)
{
    uint32_t h = 5381;
    for (; *name; name++)
        h = h * 33 + (unsigned char)*name;
    return h;
}

/* Symbol numbers; 0: not there. */
static uint32_t find_gnu(const struct tables *t, const char *name)
{
    const uint32_t n_buckets = t->gnu_hash[0];
    const uint32_t first = t->gnu_hash[1];
    const uint32_t n_words = t->gnu_hash[2];
    const uint32_t *buckets =
        t->gnu_hash + 4 + n_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
    const uint32_t *chain = buckets + n_buckets;
    const uint32_t h = gnu_hash(name);
    uint32_t i = n_buckets ? buckets[h % n_buckets] : 0;
    if (i < first)
        return 0;
    for (;; i++) {
        const uint32_t here = chain[i - first];
        if ((here | 1) == (h | 1) && is_definition(t, i, name))
            return i;
        if (here & 1)
            return 0;
    }
}

static uint32_t find_sysv(const struct tables *t, const char *name)
{
    const uint32_t n_symbols = t->hash[1];
    for (uint32_t i = 1; i < n_symbols; i++)
        if (is_definition(t, i, name))
            return i;
    return 0;
}

static bool holds(const struct dl_phdr_info *info, uintptr_t ip)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD &&
            ip - (info->dlpi_addr + p->p_vaddr) < p->p_memsz)
            return true;
    }
    return false;
}

static enum rank rank_of(const struct dl_phdr_info *info, uintptr_t caller)
{
    const char *name = info->dlpi_name ? info->dlpi_name : "";
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    if (holds(info, caller))
        return RANK_OWN;
    return strncmp(name, "libstdc++.", 10) == 0 ||
                   strncmp(name, "libc++", 6) == 0
               ? RANK_RUNTIME
               : RANK_ANY;
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *s = data;
    (void)size;
    if (!s->seen_ours) {
        s->seen_ours = holds(info, (uintptr_t)&visit);
        return 0;
    }
    const struct tables t = tables_of(info);
    if (!t.symbols || !t.strings || (!t.gnu_hash && !t.hash))
        return 0;
    const uint32_t i =
        t.gnu_hash ? find_gnu(&t, s->name) : find_sysv(&t, s->name);
    const enum rank rank = rank_of(info, s->caller);
    if (i == 0 || rank <= s->rank)
        return 0;
    s->rank = rank;
    s->found.address = (void *)(info->dlpi_addr + t.symbols[i].st_value);
    s->found.size = t.symbols[i].st_size;
    return s->caller == 0 || rank == RANK_OWN;
}

struct symbol symbol_find(const char *name, uintptr_t caller)
{
    struct search s = {.name = name, .caller = caller};
    dl_iterate_phdr(visit, &s);
    return s.found;
}

struct symbol symbol_find_first(const char *name)
{
    struct search s = {.name = name, .seen_ours = true};
    dl_iterate_phdr(visit, &s);
    return s.found;
}
