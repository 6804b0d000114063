/* SPDX-License-Identifier: MIT */
#include "allocator.h"

#include "real.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>

static struct allocator shim_allocator;

/* What the loader lays out for every thread alike is near its pointer; other
   storage a thread gets where there is room. */
enum { NEAR = 16 * 1024 * 1024 };

static bool holds(const struct dl_phdr_info *info, uintptr_t at)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type == PT_LOAD &&
            at - info->dlpi_addr - h->p_vaddr < h->p_memsz)
            return true;
    }
    return false;
}

static int look(struct dl_phdr_info *info, size_t size, void *unused)
{
    struct allocator *a = &shim_allocator;
    (void)unused;
    if (!holds(info, a->malloc))
        return 0;
    if (size < sizeof *info || !info->dlpi_tls_data)
        return 1;
    const int64_t from = (int64_t)((uintptr_t)info->dlpi_tls_data -
                                   (uintptr_t)__builtin_thread_pointer());
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_TLS && from > -NEAR &&
            from < NEAR) {
            a->tls = from;
            a->tls_len = info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

void allocator_start(void)
{
    shim_allocator.malloc = (uintptr_t)real()->malloc;
    if (shim_allocator.malloc != (uintptr_t)dlsym(RTLD_NEXT, "__libc_malloc"))
        dl_iterate_phdr(look, NULL);
}

struct allocator allocator(void)
{
    return shim_allocator;
}
