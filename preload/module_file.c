/* SPDX-License-Identifier: MIT */
#include "module_file.h"

#include "program.h"
#include "raw.h"
#include "store.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

static struct module_file *_Atomic shim_files;

static void add_text(struct module_read *r, const char *from)
{
    const size_t n = strnlen(from, MODULE_PATH - 1 - r->path_len);
    memcpy(r->path + r->path_len, from, n);
    r->path_len += (uint32_t)n;
    r->path[r->path_len] = '\0';
}

static void read_path(struct module_read *r, uintptr_t start, const char *name)
{
    r->path_len = 0;
    if (start == getauxval(AT_SYSINFO_EHDR)) {
        add_text(r, "[vdso]");
        return;
    }
    if (*name == '\0') {
        add_text(r, program()->path);
        return;
    }
    if (*name != '/') {
        const long len = RAW_CALL2(SYS_getcwd, r->path, MODULE_PATH / 2);
        if (len > 1 && r->path[0] == '/') {
            r->path_len = (uint32_t)len - 1;
            add_text(r, "/");
        }
    }
    add_text(r, name);
}

void module_file_read(struct module_read *r, uintptr_t start, uintptr_t end,
                      uintptr_t bias, const char *name)
{
    read_path(r, start, name);
    r->build_id_len = build_id_read(r->build_id, start, end, bias);
}

bool module_file_is(const struct module_file *f, const struct module_read *r)
{
    return f->build_id_len == r->build_id_len && f->path_len == r->path_len &&
           memcmp(f->build_id, r->build_id, r->build_id_len) == 0 &&
           memcmp(f->path, r->path, r->path_len) == 0;
}

const struct module_file *module_file_keep(const struct module_read *r)
{
    struct module_file *first = atomic_load(&shim_files);
    for (const struct module_file *f = first; f; f = f->next)
        if (module_file_is(f, r))
            return f;
    struct module_file *f =
        store_take(sizeof *f + r->build_id_len + r->path_len + 1);
    if (!f)
        return NULL;
    unsigned char *id = (unsigned char *)(f + 1);
    char *path = (char *)id + r->build_id_len;
    memcpy(id, r->build_id, r->build_id_len);
    memcpy(path, r->path, r->path_len);
    *f = (struct module_file){NULL, r->build_id_len, r->path_len, id, path};
    do
        f->next = first;
    while (!atomic_compare_exchange_weak(&shim_files, &first, f));
    return f;
}
