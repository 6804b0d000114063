/* SPDX-License-Identifier: MIT */
/*
 * standing.h - do remembered frames still stand?
 *
 * A frame stands if every word that it was read from says the same. From the
 * inside outward, each slot is one of the frame that was just found to be
 * there.
 */
#ifndef PRELOAD_STANDING_H
#define PRELOAD_STANDING_H

#include "stack.h"

#include <stdbool.h>
#include <stdint.h>

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

/* at[k] is there: the outermost frame up to which all stand. */
uint32_t standing_outward(const struct stack_frame *at, uint32_t k);

static inline bool standing_is_two(const struct stack_frame *f)
{
    return f->ip_slot != 0 && !(f->flags & STACK_READ_SP);
}

static inline bool standing_is_pair(const struct stack_frame *f)
{
    return standing_is_two(f) && f->also_slot + 8 == f->ip_slot;
}

/* Can f's caller be looked at before f is known to stand? Where one stack calls
   on another, the caller's may be unmapped by then, but not a page that f
   itself is in. */
static inline bool standing_is_near(const struct stack_frame *f)
{
    enum { PAGE_SHIFT = 12 };
    return ((f[-1].ip_slot ^ f->ip_slot) | (f[-1].also_slot ^ f->ip_slot)) >>
               PAGE_SHIFT ==
           0;
}

static inline uint16_t standing_two(const struct stack_frame *at, uint32_t i)
{
    const bool goes_on = i > 0 && standing_is_near(&at[i]);
    return standing_is_two(&at[i]) ? (goes_on ? at[i - 1].n_two : 0) + 1 : 0;
}

static inline uint16_t standing_pairs(const struct stack_frame *at, uint32_t i)
{
    const bool goes_on = i > 0 && standing_is_near(&at[i]);
    return standing_is_pair(&at[i]) ? (goes_on ? at[i - 1].n_pairs : 0) + 1 : 0;
}

/* By its own slots and what at[i - 1] says. */
static inline void standing_note(struct stack_frame *at, uint32_t i)
{
    at[i].n_two = standing_two(at, i);
    at[i].n_pairs = standing_pairs(at, i);
}

#endif
