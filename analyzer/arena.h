/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory of one analysis, given back all at once
 *
 * Running out of memory ends the tool with RC_MEMORY and a sentence: nothing
 * below main can do better. Nothing in an arena is freed alone.
 *
 * An array that grows (GROW) is not in an arena: it is plain memory, doubled
 * with realloc, and its owner frees it.
 */
#ifndef ANALYZER_ARENA_H
#define ANALYZER_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena_piece;

/* All zero is an empty arena. */
struct arena {
    struct arena_piece *newest;
    size_t used, size; /* of the newest piece */
};

/* Zeroed memory, aligned for any type. Large requests get pages of their own
   and cost nothing until they are touched. */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_array(struct arena *a, size_t n, size_t bytes);
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

/* A copy that ends in a zero byte. */
char *arena_text(struct arena *a, const char *text, size_t len);

/* Frees everything; the arena is empty and can be used again. */
void arena_release(struct arena *a);

/* realloc, calloc that end the tool where there is no memory. */
void *must_realloc(void *p, size_t n, size_t bytes);
void *must_calloc(size_t n, size_t bytes);
_Noreturn void out_of_memory(void);

/* Makes room for one more element: GROW(s->items, s->n, s->room). */
#define GROW(items, n, room)                                                   \
    do {                                                                       \
        if ((n) == (room)) {                                                   \
            (room) = (room) ? (room)*2 : 16;                                   \
            (items) = must_realloc((items), (room), sizeof *(items));          \
        }                                                                      \
    } while (0)

#endif
