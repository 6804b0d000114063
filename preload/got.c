/* SPDX-License-Identifier: MIT */
#include "got.h"

#include "raw.h"
#include "window.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, GLOB_DAT = R_X86_64_GLOB_DAT };
#else
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, GLOB_DAT = R_AARCH64_GLOB_DAT };
#endif

struct dynamic {
    const ElfW(Rela) * calls, *others;
    size_t n_calls, n_others;
    size_t n_relative; /* the first of the others have no symbol */
    const ElfW(Sym) * symbols;
    const char *names;
};

static struct dynamic read_dynamic(const ElfW(Dyn) * at)
{
    struct dynamic d = {0};
    for (; at->d_tag != DT_NULL; at++) {
        const void *pointer = (const void *)at->d_un.d_ptr;
        if (at->d_tag == DT_JMPREL)
            d.calls = pointer;
        else if (at->d_tag == DT_PLTRELSZ)
            d.n_calls = at->d_un.d_val / sizeof *d.calls;
        else if (at->d_tag == DT_RELA)
            d.others = pointer;
        else if (at->d_tag == DT_RELASZ)
            d.n_others = at->d_un.d_val / sizeof *d.others;
        else if (at->d_tag == DT_RELACOUNT)
            d.n_relative = at->d_un.d_val;
        else if (at->d_tag == DT_SYMTAB)
            d.symbols = pointer;
        else if (at->d_tag == DT_STRTAB)
            d.names = pointer;
    }
    return d;
}

/* The table may have been made read-only once it was filled; its page stays
   writable from now on. */
static bool write_entry(uintptr_t *entry, uintptr_t function)
{
    const uintptr_t page = (uintptr_t)entry & -getauxval(AT_PAGESZ);
    const uintptr_t len = (uintptr_t)(entry + 1) - page;
    if (RAW_CALL3(SYS_mprotect, page, len, PROT_READ | PROT_WRITE) != 0)
        return false;
    *entry = function;
    return true;
}

static bool replace(const struct dynamic *d, uintptr_t bias,
                    const ElfW(Rela) * at, size_t n, const char *name,
                    uintptr_t function)
{
    bool is_done = false;
    if (!at)
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint64_t type = ELF64_R_TYPE(at[i].r_info);
        const ElfW(Sym) *symbol = &d->symbols[ELF64_R_SYM(at[i].r_info)];
        if ((type == JUMP_SLOT || type == GLOB_DAT) &&
            strcmp(d->names + symbol->st_name, name) == 0)
            is_done |=
                write_entry((uintptr_t *)(bias + at[i].r_offset), function);
    }
    return is_done;
}

bool got_replace(void *library, const char *name, uintptr_t function)
{
    const struct link_map *map = library; /* what dlopen gives, in glibc */
    const struct dynamic d = read_dynamic(map->l_ld);
    if (!d.symbols || !d.names)
        return false;
    return replace(&d, map->l_addr, d.calls, d.n_calls, name, function) |
           replace(&d, map->l_addr, d.others, d.n_others, name, function);
}

static bool table_holds(const struct link_map *map, const ElfW(Rela) * at,
                        size_t n, const uintptr_t *functions, size_t n_wanted)
{
    struct window table = {0, 0}, entries = {0, 0};
    if (!at || !window_jump(&table, (uintptr_t)at, n * sizeof *at))
        return false;
    for (size_t i = 0; i < n; i++) {
        const uint64_t type = ELF64_R_TYPE(at[i].r_info);
        const uintptr_t entry = map->l_addr + at[i].r_offset;
        if ((type != JUMP_SLOT && type != GLOB_DAT) ||
            !window_jump(&entries, entry, sizeof entry))
            continue;
        for (size_t k = 0; k < n_wanted; k++)
            if (*(const uintptr_t *)entry == functions[k])
                return true;
    }
    return false;
}

bool got_holds(const struct link_map *map, const uintptr_t *functions, size_t n)
{
    struct window w = {0, 0};
    size_t i = 0;
    do
        if (!window_jump(&w, (uintptr_t)&map->l_ld[i], sizeof *map->l_ld))
            return false;
    while (map->l_ld[i++].d_tag != DT_NULL);
    const struct dynamic d = read_dynamic(map->l_ld);
    const size_t skip = d.n_relative < d.n_others ? d.n_relative : d.n_others;
    return table_holds(map, d.calls, d.n_calls, functions, n) ||
           (d.others &&
            table_holds(map, d.others + skip, d.n_others - skip, functions, n));
}
