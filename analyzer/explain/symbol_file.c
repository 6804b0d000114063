/* SPDX-License-Identifier: MIT */
#include "explain/symbol_file.h"

#include "explain/symbol_child.h"

#include <stdlib.h>
#include <unistd.h>

static int no_elf(Dwfl_Module *mod, void **data, const char *name,
                  Dwarf_Addr base, char **file_name, Elf **elf)
{
    (void)mod, (void)data, (void)name, (void)base, (void)file_name, (void)elf;
    return -1;
}

static int find_debug(Dwfl_Module *mod, void **data, const char *name,
                      Dwarf_Addr base, const char *file, const char *link,
                      GElf_Word crc, char **found)
{
    const struct symbol_file *f = *data;
    (void)mod, (void)name, (void)base, (void)file;
    return elf_file_open_debug(f->source, link, crc, found);
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = no_elf,
    .find_debuginfo = find_debug,
    .section_address = dwfl_offline_section_address,
};

static bool report(struct symbol_file *f, int fd)
{
    void **data;
    f->dwfl = dwfl_begin(&callbacks);
    if (!f->dwfl)
        return false;
    dwfl_report_begin(f->dwfl);
    /* at 0, so that addresses stay the file's */
    f->module =
        dwfl_report_elf(f->dwfl, "module", f->source->path, fd, 0, true);
    dwfl_report_end(f->dwfl, NULL, NULL);
    if (!f->module)
        return false;
    dwfl_module_info(f->module, &data, NULL, NULL, NULL, NULL, NULL, NULL);
    *data = f;
    return true;
}

void symbol_file_open(struct symbol_file *f, const struct elf_source *source)
{
    *f = (struct symbol_file){.source = source};
    const int fd = elf_file_open_recorded(source, &f->status);
    if (fd < 0)
        return;
    if (!report(f, fd)) {
        if (!f->module)
            close(fd);
        dwfl_end(f->dwfl);
        f->dwfl = NULL;
        f->status = ELF_FILE_STRANGE;
        return;
    }
    f->cfi = dwfl_module_eh_cfi(f->module, &f->cfi_bias);
    symbol_table_build(&f->table, f->module);
}

void symbol_file_read_lines(struct symbol_file *f)
{
    if (f->lines_are_read)
        return;
    dwarf_index_build(&f->lines, f->module);
    f->lines_are_read = true;
}

void symbol_file_close(struct symbol_file *f)
{
    dwarf_index_release(&f->lines);
    symbol_table_release(&f->table);
    if (f->dwfl)
        dwfl_end(f->dwfl);
    *f = (struct symbol_file){0};
}

static bool is_signal_frame(const struct symbol_file *f, uint64_t addr)
{
    Dwarf_Frame *frame = NULL;
    bool is_signal = false;
    if (!f->cfi || dwarf_cfi_addrframe(f->cfi, addr - f->cfi_bias, &frame) != 0)
        return false;
    dwarf_frame_info(frame, NULL, NULL, &is_signal);
    free(frame);
    return is_signal;
}

static void find_symbol(const struct symbol_file *f, uint64_t at, bool exact,
                        struct dwarf_place *place, struct symbol_names *names)
{
    const struct elf_symbol *s = symbol_table_find(&f->table, at, false);
    if (!s && exact)
        s = symbol_table_find(&f->table, at, true);
    if (!s)
        return;
    place->name = s->name;
    names->behind = s->data ? at - s->low : 0;
}

void symbol_file_find(struct symbol_file *f, const struct symbol_query *q,
                      struct symbol_names *names)
{
    names->signal_frame = is_signal_frame(f, q->addr);
    const uint64_t at = q->exact || names->signal_frame ? q->addr : q->addr - 1;
    names->n = q->plain ? 0 : dwarf_index_find(&f->lines, at, names->at);
    if (names->n == 0) {
        names->n = 1;
        names->at[0] = (struct dwarf_place){0};
    }
    struct dwarf_place *outer = &names->at[names->n - 1];
    if (!outer->name)
        find_symbol(f, at, q->exact, outer, names);
    if (!outer->name && names->signal_frame)
        outer->name = "<signal handler called>";
}
