/* SPDX-License-Identifier: MIT */
#include "explain/dwarf_index.h"

#include "arena.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 128, LOOK_BACK = 16 };

struct dwarf_range {
    Dwarf_Addr low, high;
    uint32_t unit; /* of a unit's range */
    Dwarf_Die die; /* of a function's */
};

struct dwarf_unit {
    Dwarf_Die die;  /* has the lines */
    Dwarf_Die body; /* has the functions; elsewhere only in split files */
    bool read;
    uint32_t n, room;
    struct dwarf_range *functions;
};

static int compare(const void *a, const void *b)
{
    const struct dwarf_range *x = a, *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return x->high < y->high ? 1 : x->high > y->high ? -1 : 0;
}

/* The innermost range that holds addr, or NULL. */
static struct dwarf_range *find(struct dwarf_range *at, uint32_t n,
                                Dwarf_Addr addr)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        if (at[mid].low <= addr)
            low = mid + 1;
        else
            high = mid;
    }
    for (uint32_t i = 0; i < LOOK_BACK && i < low; i++)
        if (addr < at[low - 1 - i].high)
            return &at[low - 1 - i];
    return NULL;
}

static void add_unit(struct dwarf_index *x, Dwarf_Die *die, Dwarf_Die *split)
{
    Dwarf_Addr base, low, high;
    ptrdiff_t at = 0;
    GROW(x->units, x->n_units, x->units_room);
    x->units[x->n_units] =
        (struct dwarf_unit){.die = *die, .body = split->addr ? *split : *die};
    while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
        if (low >= high || low == 0)
            continue; /* code that the linker threw away */
        GROW(x->ranges, x->n_ranges, x->ranges_room);
        x->ranges[x->n_ranges++] =
            (struct dwarf_range){low, high, x->n_units, {0}};
    }
    x->n_units++;
}

void dwarf_index_build(struct dwarf_index *x, Dwfl_Module *mod)
{
    Dwarf_Addr bias = 0;
    Dwarf *dwarf = dwfl_module_getdwarf(mod, &bias);
    *x = (struct dwarf_index){.bias = bias};
    if (!dwarf)
        return;
    Dwarf_CU *unit = NULL;
    Dwarf_Die die, split;
    uint8_t type;
    for (;;) {
        memset(&split, 0, sizeof split);
        if (dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, &split) != 0)
            break;
        if (type == DW_UT_compile || type == DW_UT_skeleton)
            add_unit(x, &die, &split);
    }
    if (x->n_ranges > 0)
        qsort(x->ranges, x->n_ranges, sizeof *x->ranges, compare);
}

void dwarf_index_release(struct dwarf_index *x)
{
    for (uint32_t i = 0; i < x->n_units; i++)
        free(x->units[i].functions);
    free(x->units);
    free(x->ranges);
    *x = (struct dwarf_index){0};
}

static void add_function(struct dwarf_unit *u, Dwarf_Die *die)
{
    Dwarf_Addr base, low, high;
    ptrdiff_t at = 0;
    while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
        if (low >= high)
            continue;
        GROW(u->functions, u->n, u->room);
        u->functions[u->n++] = (struct dwarf_range){low, high, 0, *die};
    }
}

static bool may_hold_functions(int tag)
{
    return tag == DW_TAG_subprogram || tag == DW_TAG_namespace ||
           tag == DW_TAG_module || tag == DW_TAG_class_type ||
           tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
           tag == DW_TAG_lexical_block;
}

static void read_functions(struct dwarf_unit *u)
{
    Dwarf_Die path[MAX_DEPTH];
    int depth = 0;
    u->read = true;
    if (dwarf_child(&u->body, &path[0]) != 0)
        return;
    for (;;) {
        Dwarf_Die *at = &path[depth];
        const int tag = dwarf_tag(at);
        if (tag == DW_TAG_subprogram)
            add_function(u, at);
        if (may_hold_functions(tag) && depth + 1 < MAX_DEPTH &&
            dwarf_child(at, &path[depth + 1]) == 0) {
            depth++;
            continue;
        }
        while (dwarf_siblingof(&path[depth], &path[depth]) != 0)
            if (depth-- == 0)
                goto done;
    }
done:
    if (u->n > 0)
        qsort(u->functions, u->n, sizeof *u->functions, compare);
}

/* The child of `at` that holds pc and may lead to inlined code. */
static bool step_in(Dwarf_Die *at, Dwarf_Addr pc)
{
    Dwarf_Die child;
    if (dwarf_child(at, &child) != 0)
        return false;
    do {
        const int tag = dwarf_tag(&child);
        if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) &&
            dwarf_haspc(&child, pc) > 0) {
            *at = child;
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/* The function and what is inlined in it at pc, outermost first. */
static uint32_t find_chain(Dwarf_Die *function, Dwarf_Addr pc,
                           Dwarf_Die chain[DWARF_MAX_INLINE])
{
    Dwarf_Die at = *function;
    uint32_t n = 0;
    chain[n++] = at;
    for (int depth = 0; depth < MAX_DEPTH && n < DWARF_MAX_INLINE; depth++) {
        if (!step_in(&at, pc))
            break;
        if (dwarf_tag(&at) == DW_TAG_inlined_subroutine)
            chain[n++] = at;
    }
    return n;
}

/* C++, Rust and D say more in the linked name; C only adds aliases to it. */
static bool is_mangled(const char *name)
{
    return name && name[0] == '_' && strchr("ZRD", name[1]) && name[1];
}

static const char *name_of(Dwarf_Die *die)
{
    static const unsigned linked[] = {DW_AT_linkage_name,
                                      DW_AT_MIPS_linkage_name};
    Dwarf_Attribute a;
    for (size_t i = 0; i < sizeof linked / sizeof linked[0]; i++) {
        const char *name =
            dwarf_formstring(dwarf_attr_integrate(die, linked[i], &a));
        if (is_mangled(name))
            return name;
    }
    return dwarf_diename(die);
}

static uint32_t number_of(Dwarf_Die *die, unsigned what)
{
    Dwarf_Attribute a;
    Dwarf_Word value;
    if (!dwarf_attr(die, what, &a) || dwarf_formudata(&a, &value) != 0 ||
        value > UINT32_MAX)
        return 0;
    return (uint32_t)value;
}

/* libdw puts the compiler's directory before relative names: take it off. */
static const char *as_given(const char *file, Dwarf_Die *unit)
{
    Dwarf_Attribute a;
    const char *dir = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &a));
    const size_t len = dir ? strlen(dir) : 0;
    if (file && len > 1 && strncmp(file, dir, len) == 0 && file[len] == '/' &&
        file[len + 1] != '/')
        return file + len + 1;
    return file;
}

static void place_of_call(struct dwarf_place *p, struct dwarf_unit *u,
                          Dwarf_Die *inlined)
{
    Dwarf_Files *files;
    size_t n;
    p->line = number_of(inlined, DW_AT_call_line);
    const uint32_t file = number_of(inlined, DW_AT_call_file);
    if (dwarf_getsrcfiles(&u->die, &files, &n) == 0 && file < n)
        p->file = as_given(dwarf_filesrc(files, file, NULL, NULL), &u->die);
}

static void place_of_pc(struct dwarf_place *p, struct dwarf_unit *u,
                        Dwarf_Addr pc)
{
    int line = 0;
    Dwarf_Line *at = dwarf_getsrc_die(&u->die, pc);
    if (!at)
        return;
    p->file = as_given(dwarf_linesrc(at, NULL, NULL), &u->die);
    if (dwarf_lineno(at, &line) == 0 && line > 0)
        p->line = (uint32_t)line;
}

uint32_t dwarf_index_find(struct dwarf_index *x, uint64_t addr,
                          struct dwarf_place at[DWARF_MAX_INLINE])
{
    const Dwarf_Addr pc = addr - x->bias;
    const struct dwarf_range *r = find(x->ranges, x->n_ranges, pc);
    if (!r)
        return 0;
    struct dwarf_unit *u = &x->units[r->unit];
    if (!u->read)
        read_functions(u);
    Dwarf_Die chain[DWARF_MAX_INLINE];
    struct dwarf_range *f = find(u->functions, u->n, pc);
    const uint32_t n = f ? find_chain(&f->die, pc, chain) : 1;
    memset(at, 0, n * sizeof *at);
    place_of_pc(&at[0], u, pc);
    for (uint32_t i = 0; f && i < n; i++) {
        at[i].name = name_of(&chain[n - 1 - i]);
        if (i > 0)
            place_of_call(&at[i], u, &chain[n - i]);
    }
    return n;
}
