/* SPDX-License-Identifier: MIT */
/*
 * got.h - which function a library calls by a name
 *
 * For a library that we loaded ourselves and that nobody else has: libunwind
 * makes itself a pipe, which the host would meet.
 */
#ifndef PRELOAD_GOT_H
#define PRELOAD_GOT_H

#include <stdbool.h>
#include <stdint.h>

/* Lets every call of `name` in the library that dlopen gave as `library` go to
   `function`. False: it calls no such name, or its table cannot be written. */
bool got_replace(void *library, const char *name, uintptr_t function);

#endif
