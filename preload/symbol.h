/* SPDX-License-Identifier: MIT */
/*
 * symbol.h - which module after ours defines a name, in any scope
 *
 * dlsym(RTLD_NEXT) sees only the global scope, and waits for the loader's big
 * lock, which is held while constructors run. This asks dl_iterate_phdr, whose
 * lock is held for moments, and reads the hash tables of all modules that were
 * loaded after this library. Versions are not looked at.
 */
#ifndef PRELOAD_SYMBOL_H
#define PRELOAD_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
    void *address; /* NULL: nobody defines it */
    size_t size;
};

/*
 * The first definition, where `caller` is 0. Else the one that code at caller
 * would have been given if we were not there, and if nobody in the global scope
 * defines it: its own module's, a C++ runtime's, the first.
 */
struct symbol symbol_find(const char *name, uintptr_t caller);

/* The first definition of all, the program's own before ours. */
struct symbol symbol_find_first(const char *name);

#endif
