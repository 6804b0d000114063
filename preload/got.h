/* SPDX-License-Identifier: MIT */
/*
 * got.h - which functions a library calls
 */
#ifndef PRELOAD_GOT_H
#define PRELOAD_GOT_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For a library that we loaded ourselves and that nobody else has (libunwind
   makes itself a pipe, which the host would meet):
   lets every call of `name` in the library that dlopen gave as `library` go to
   `function`. False: it calls no such name, or its table cannot be written. */
bool got_replace(void *library, const char *name, uintptr_t function);

/* Does the table of any library that is loaded hold one of these n functions?
   Only what can be read is. */
bool got_holds(const struct link_map *map, const uintptr_t *functions,
               size_t n);

#endif
