/* SPDX-License-Identifier: MIT */
#include "own.h"

#include <stdatomic.h>

/* Few but the store's, which follow the number of modules. */
enum { MOST = 256 };
static struct range shim_noted[MOST];
static _Atomic uint32_t shim_n_noted;

void own_note(const void *at, size_t len)
{
    const uint32_t i = atomic_fetch_add(&shim_n_noted, 1);
    const uintptr_t start = (uintptr_t)at;
    if (i < MOST)
        shim_noted[i] = (struct range){start, start + len};
}

const struct range *own_noted(uint32_t *n)
{
    *n = atomic_load(&shim_n_noted);
    if (*n > MOST)
        *n = MOST;
    return shim_noted;
}
