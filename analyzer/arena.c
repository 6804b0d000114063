/* SPDX-License-Identifier: MIT */
#include "arena.h"
#include "err.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 * 1024 };

struct arena_piece {
    struct arena_piece *older;
    alignas(max_align_t) unsigned char bytes[];
};

void out_of_memory(void)
{
    fputs("ouro: out of memory; analyse a smaller recording, or raise the "
          "limit (ulimit -v)\n",
          stderr);
    exit(RC_MEMORY);
}

void *must_calloc(size_t n, size_t bytes)
{
    void *p = calloc(n ? n : 1, bytes ? bytes : 1);
    if (!p)
        out_of_memory();
    return p;
}

void *must_realloc(void *p, size_t n, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(n, bytes, &total))
        out_of_memory();
    void *q = realloc(p, total ? total : 1);
    if (!q)
        out_of_memory();
    return q;
}

static struct arena_piece *new_piece(size_t size)
{
    size_t total;
    if (__builtin_add_overflow(size, sizeof(struct arena_piece), &total))
        out_of_memory();
    return must_calloc(1, total);
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > SIZE_MAX - align)
        out_of_memory();
    bytes = (bytes + align - 1) & ~(align - 1);
    if (bytes > PIECE / 4 && a->newest) {
        /* behind the newest, so that what is left of that one stays in use */
        struct arena_piece *own = new_piece(bytes);
        own->older = a->newest->older;
        a->newest->older = own;
        return own->bytes;
    }
    if (!a->newest || bytes > a->size - a->used) {
        const size_t size = bytes > PIECE ? bytes : PIECE;
        struct arena_piece *piece = new_piece(size);
        piece->older = a->newest;
        a->newest = piece;
        a->size = size;
        a->used = 0;
    }
    void *p = a->newest->bytes + a->used;
    a->used += bytes;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(n, bytes, &total))
        out_of_memory();
    return arena_alloc(a, total);
}

char *arena_text(struct arena *a, const char *text, size_t len)
{
    char *copy = arena_alloc(a, len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    return copy;
}

void arena_release(struct arena *a)
{
    while (a->newest) {
        struct arena_piece *older = a->newest->older;
        free(a->newest);
        a->newest = older;
    }
    *a = (struct arena){0};
}
