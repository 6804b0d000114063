/* SPDX-License-Identifier: MIT */
#include "bypass.h"

#include "file.h"
#include "got.h"
#include "module.h"
#include "ouro_trace.h"
#include "process.h"
#include "raw.h"
#include "real.h"
#include "window.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* struct r_debug_extended of glibc 2.35; headers may be older than the host. */
struct namespace
{
    struct r_debug base;
    struct namespace *next; /* there in version 2 and later */
};

enum { MOST = 100000 }; /* libraries that are looked at */

static const struct namespace *shim_first;
static const struct link_map *shim_last; /* of those that were there at first */
static atomic_bool shim_told[OURO_GAP_NAMESPACE + 1];

/* What cannot be read ends a list. */
static bool is_there(const void *at, size_t len)
{
    struct window w = {0, 0};
    return at && window_jump(&w, (uintptr_t)at, len);
}

void bypass_start(void)
{
    shim_first = dlsym(RTLD_DEFAULT, "_r_debug");
    const struct link_map *map = shim_first ? shim_first->base.r_map : NULL;
    for (int n = 0; map && n < MOST; n++, map = map->l_next)
        shim_last = map;
}

void bypass_forked(void)
{
    for (int i = 0; i <= OURO_GAP_NAMESPACE; i++)
        atomic_store(&shim_told[i], false);
}

static void tell(int what, const struct link_map *map)
{
    const char *name = map->l_name;
    if (!atomic_exchange(&shim_told[what], true))
        process_gap(what, is_there(name, 1) ? name : "");
}

static void look_at_namespaces(void)
{
    const struct namespace *n = shim_first;
    if (n->base.r_version < 2)
        return;
    for (int i = 0; i < MOST && is_there(n->next, sizeof *n); i++) {
        n = n->next;
        if (is_there(n->base.r_map, sizeof *n->base.r_map))
            tell(OURO_GAP_NAMESPACE, n->base.r_map);
    }
}

static bool is_bound_past_us(const struct link_map *map)
{
    const struct real *r = real();
    const uintptr_t functions[] = {(uintptr_t)r->malloc, (uintptr_t)r->calloc,
                                   (uintptr_t)r->realloc, (uintptr_t)r->free};
    return !module_is_ours((uintptr_t)map->l_ld) &&
           got_holds(map, functions, sizeof functions / sizeof *functions);
}

static void look_at_modules(void)
{
    const struct link_map *map = shim_last;
    for (int i = 0; i < MOST && is_there(map, sizeof *map); i++) {
        if (i > 0 && is_bound_past_us(map)) {
            tell(OURO_GAP_MODULE, map);
            return;
        }
        map = map->l_next;
    }
}

/* Called once, for the program itself: the lock is held, so that nothing in the
   lists is unloaded meanwhile. */
static int look(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)info;
    (void)size;
    (void)unused;
    if (!atomic_load(&shim_told[OURO_GAP_NAMESPACE]))
        look_at_namespaces();
    if (!atomic_load(&shim_told[OURO_GAP_MODULE]))
        look_at_modules();
    return 1;
}

void bypass_look(void)
{
    if (shim_first)
        dl_iterate_phdr(look, NULL);
}

/* A forked child may have got the lock from a thread that it has not got.
   Else: ".", ".." and a directory for each thread. */
static bool has_no_other(void)
{
    struct stat tasks = {.st_nlink = 0};
    return shim_header->parent_pid == 0 &&
           RAW_CALL4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) ==
               0 &&
           tasks.st_nlink == 3;
}

void bypass_look_at_exit(void)
{
    if (has_no_other())
        bypass_look();
}
