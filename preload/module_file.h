/* SPDX-License-Identifier: MIT */
/*
 * module_file.h - which file a module is: its path and build-id
 *
 * A library that is loaded again and again is kept once (store.h).
 */
#ifndef PRELOAD_MODULE_FILE_H
#define PRELOAD_MODULE_FILE_H

#include "build_id.h"

#include <stdbool.h>
#include <stdint.h>

enum { MODULE_PATH = 512 };

struct module_file {
    const struct module_file *next; /* every one, newest first */
    uint32_t build_id_len, path_len;
    const unsigned char *build_id;
    const char *path; /* absolute where the loader knows it; of the program
                         itself program.h's */
};

/* The same, as it was read and before it is kept. */
struct module_read {
    uint32_t build_id_len, path_len;
    unsigned char build_id[BUILD_ID_MAX];
    char path[MODULE_PATH];
};

/* Of what is mapped at [start, end), `bias` bytes above the addresses in its
   file, and was loaded as `name`. */
void module_file_read(struct module_read *r, uintptr_t start, uintptr_t end,
                      uintptr_t bias, const char *name);

bool module_file_is(const struct module_file *f, const struct module_read *r);

/* NULL: there is no memory. Lock-free. */
const struct module_file *module_file_keep(const struct module_read *r);

#endif
