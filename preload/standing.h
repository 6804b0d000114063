/* SPDX-License-Identifier: MIT */
/*
 * standing.h - do remembered frames still stand?
 *
 * A frame stands if every word that it was read from says the same: its return
 * address, and where they were read too, its frame pointer and its stack
 * pointer. A stack's words stand in one row beside its frames, outermost first,
 * so that they are looked at four at a time without asking whose they are.
 *
 * From the inside outward, each slot is one of the frame that was just found to
 * be there.
 */
#ifndef PRELOAD_STANDING_H
#define PRELOAD_STANDING_H

#include <stdbool.h>
#include <stdint.h>

/* *slot was value. */
struct stack_word {
    uintptr_t slot, value;
};

static inline uintptr_t standing_word(uintptr_t slot)
{
    return *(const volatile uintptr_t *)slot;
}

/* A return address without the signature that aarch64 may have put on it. */
static inline uintptr_t standing_plain(uintptr_t ip)
{
#if defined(__aarch64__)
    return ip & (((uintptr_t)1 << 48) - 1);
#else
    return ip;
#endif
}

static inline uintptr_t standing_differs(const struct stack_word *w)
{
    return standing_word(w->slot) ^ w->value;
}

/* Where one stack calls on another the caller's may be unmapped by then, but
   not a page that a frame which is there is in: so words of one page can be
   read together. */
static inline bool standing_is_near(uintptr_t slot, uintptr_t other)
{
    enum { PAGE_SHIFT = 12 };
    return (slot ^ other) >> PAGE_SHIFT == 0;
}

/* The row may be read eight words at a time, or four. */
enum { STANDING_EIGHT = 0x7f, STANDING_FOUR = 0x07 };

static inline uintptr_t standing_four_differ(const struct stack_word *w)
{
    return standing_differs(&w[0]) | standing_differs(&w[1]) |
           standing_differs(&w[2]) | standing_differs(&w[3]);
}

/* near[n] of a word that comes there, behind n others: bit 0 says that it is of
   the same page as the one before it, bit 1 the same of that one, and so on. */
static inline uint8_t standing_near(const struct stack_word *words,
                                    const uint8_t *near, uint32_t n,
                                    uintptr_t slot)
{
    if (n == 0)
        return 0;
    return (uint8_t)(near[n - 1] << 1 |
                     standing_is_near(words[n - 1].slot, slot));
}

/*
 * Of n words, outermost first, the last of which belong to the caller of a
 * frame that is there: 0 where all say the same, else the number of the
 * innermost that does not, counting from 1. All of a deep stack's time goes by
 * here: what differs is gathered over eight words before anyone asks, since a
 * question costs more than a word.
 */
static inline uint32_t standing_first_other(const struct stack_word *words,
                                            const uint8_t *near, uint32_t n)
{
    const struct stack_word *w = words + n, *const eight = words + 8,
                            *const four = words + 4;
    const uint8_t *is_near = near + n - 1;
    for (;;) {
        while (w >= eight && (*is_near & STANDING_EIGHT) == STANDING_EIGHT &&
               (standing_four_differ(w - 4) | standing_four_differ(w - 8)) == 0)
            w -= 8, is_near -= 8;
        if (w >= four && (*is_near & STANDING_FOUR) == STANDING_FOUR &&
            standing_four_differ(w - 4) == 0)
            w -= 4, is_near -= 4;
        do {
            if (w == words || standing_differs(w - 1) != 0)
                return (uint32_t)(w - words);
            w--, is_near--;
        } while (w < four || (*is_near & STANDING_FOUR) != STANDING_FOUR);
    }
}

/* Do all of n words say the same? For few of them. */
static inline bool standing_all(const struct stack_word *words, uint32_t n)
{
    for (const struct stack_word *w = words + n; w != words; w--)
        if (standing_differs(w - 1) != 0)
            return false;
    return true;
}

#endif
