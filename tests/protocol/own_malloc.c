/* SPDX-License-Identifier: MIT */
/*
 * own_malloc.c - the program's malloc itself speaks, and looking for the guest
 * allocates: it must not look for ever
 */
#include "ouro.h"

#include <stdlib.h>
#include <unistd.h>

static _Alignas(16) char memory[1 << 20];
static size_t used;

void *malloc(size_t size)
{
    void *p = memory + used;
    used += (size + 15) / 16 * 16;
    if (used > sizeof memory)
        return NULL;
    OURO_POOL_ALLOC(memory, p, size);
    return p;
}

void *calloc(size_t n, size_t size)
{
    return malloc(n * size);
}

void free(void *p)
{
    OURO_POOL_FREE(memory, p);
}

int main(void)
{
    void *volatile p = malloc(10);
    free(p);
    return p && write(1, "went on\n", 8) == 8 ? 0 : 1;
}
