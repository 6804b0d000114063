/* SPDX-License-Identifier: MIT */
#include "explain/symbol_table.h"

#include "arena.h"

#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_BACK = 16 };

static bool is_in_code(Elf *elf, GElf_Word section, GElf_Shdr *header)
{
    return elf && gelf_getshdr(elf_getscn(elf, section), header) &&
           (header->sh_flags & SHF_EXECINSTR);
}

static uint32_t rank_of(const GElf_Sym *sym, const char *name)
{
    const unsigned binding = GELF_ST_BIND(sym->st_info);
    uint32_t rank = binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2;
    if (GELF_ST_TYPE(sym->st_info) == STT_NOTYPE)
        rank += 4;
    for (; *name == '_'; name++)
        rank += 8;
    return rank;
}

static void add(struct symbol_table *t, Dwfl_Module *mod, int i)
{
    GElf_Sym sym;
    GElf_Addr addr, bias;
    GElf_Word section = SHN_UNDEF;
    GElf_Shdr header;
    Elf *elf;
    const char *name =
        dwfl_module_getsym_info(mod, i, &sym, &addr, &section, &elf, &bias);
    if (!name || !*name || *name == '$' || section == SHN_UNDEF)
        return;
    const unsigned type = GELF_ST_TYPE(sym.st_info);
    const bool data = type == STT_OBJECT && sym.st_size > 0 &&
                      !is_in_code(elf, section, &header);
    if (!data && type != STT_FUNC && type != STT_GNU_IFUNC &&
        type != STT_NOTYPE)
        return;
    uint64_t high = addr + sym.st_size;
    if (sym.st_size == 0) {
        if (!is_in_code(elf, section, &header))
            return;
        high = header.sh_addr + header.sh_size + bias;
    } else if (type == STT_NOTYPE) {
        return;
    }
    if (high <= addr)
        return;
    GROW(t->at, t->n, t->room);
    t->at[t->n++] = (struct elf_symbol){
        addr, high, name, rank_of(&sym, name), sym.st_size == 0, data};
}

static int compare(const void *a, const void *b)
{
    const struct elf_symbol *x = a, *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* One name an address; what has no size ends where the next one begins. */
static void tidy(struct symbol_table *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (n == 0 || t->at[i].low != t->at[n - 1].low)
            t->at[n++] = t->at[i];
    t->n = n;
    for (uint32_t i = 0; i + 1 < n; i++)
        if (t->at[i].sizeless && t->at[i].high > t->at[i + 1].low)
            t->at[i].high = t->at[i + 1].low;
}

void symbol_table_build(struct symbol_table *t, Dwfl_Module *mod)
{
    const int n = dwfl_module_getsymtab(mod);
    *t = (struct symbol_table){0};
    for (int i = 0; i < n; i++)
        add(t, mod, i);
    if (t->n > 0)
        qsort(t->at, t->n, sizeof *t->at, compare);
    tidy(t);
}

void symbol_table_release(struct symbol_table *t)
{
    free(t->at);
    *t = (struct symbol_table){0};
}

const struct elf_symbol *symbol_table_find(const struct symbol_table *t,
                                           uint64_t addr, bool data)
{
    uint32_t low = 0, high = t->n;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (t->at[mid].low <= addr)
            low = mid + 1;
        else
            high = mid;
    }
    for (uint32_t i = 0; i < LOOK_BACK && i < low; i++)
        if (addr < t->at[low - 1 - i].high && t->at[low - 1 - i].data == data)
            return &t->at[low - 1 - i];
    return NULL;
}
