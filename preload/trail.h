/* SPDX-License-Identifier: MIT */
/*
 * trail.h - ways outward that were walked before
 *
 * A program comes back to the same places: the same call, as deep in the stack
 * as the last time, through the same callers. So a capture that had to walk
 * keeps the frames that it found, from the frame that it met outward of them
 * (at[0]) to the innermost, and their words; the next one of that (ip, sp)
 * reads these words again. Where all say the same, the frames are those: the
 * innermost frame is the same, so the words of its caller stand where they
 * stood, and say the same, so the caller is the same, and so on outward, by the
 * reasoning and in the order of standing.h.
 *
 * A trail is followed only where at[0] is still remembered at the same place of
 * the row of frames, with all outward of it standing. What is written then is
 * what walking would have written.
 *
 * Invariants (of one with an ip): its words are those of its frames, as
 * stack_is_valid() says it, but for numbers that count from first_word; all of
 * them are between its sp and at[0]'s; its frames are neither signals' nor
 * libunwind's. Being half written it has no ip.
 */
#ifndef PRELOAD_TRAIL_H
#define PRELOAD_TRAIL_H

#include "stack.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a way begins; of two that begin elsewhere it may be the same. */
static inline uint64_t trail_key(const struct stack_here *here)
{
    return here->ip ^ here->sp << 16;
}

/* The place of a trail that begins there. */
static inline struct stack_trail *trail_of(struct stack *s,
                                           const struct stack_here *here)
{
    const uint64_t hash = trail_key(here) * 0x9e3779b97f4a7c15u;
    return &s->trails[hash >> 40 & (STACK_TRAILS - 1)];
}

static inline bool trail_begins(const struct stack_trail *t,
                                const struct stack_here *here)
{
    return t->ip == here->ip && t->sp == here->sp;
}

/* Keeps the way from at[base], which was met, to the innermost frame, which is
   here, if it is walked for the second time, or else looks out for that: most
   that a compiler goes are gone once. One longer than STACK_TRAIL_FRAMES is not
   kept. */
void trail_keep(struct stack *s, const struct stack_here *here, uint32_t base);

/* The same frame, as far as what is inward or outward depends on it? */
static inline bool trail_is_same(const struct stack_frame *at,
                                 const struct stack_frame *f)
{
    const uint32_t read = STACK_IP_READ | STACK_FP_READ | STACK_SP_READ;
    return at->sp == f->sp && at->ip == f->ip &&
           ((at->flags ^ f->flags) & ~read) == 0 &&
           (at->fp == f->fp || !(f->flags & STACK_NEEDS_FP));
}

/* Would its words, put behind those of the frames outward of it, be as near to
   them as they were? */
static inline bool trail_is_near(const struct stack *s,
                                 const struct stack_trail *t)
{
    const uint32_t n = t->first_word;
    return standing_near(s->words, s->near, n, t->words[0].slot) == t->near[0];
}

/* One that begins here: does it lead to frames that are remembered at their
   places? */
static inline bool trail_leads(const struct stack *s,
                               const struct stack_trail *t,
                               const struct stack_here *here)
{
    const struct stack_frame *last = &t->at[t->n - 1];
    if (t->epoch != s->epoch || t->base >= s->n ||
        !trail_is_same(&s->at[t->base], &t->at[0]) ||
        stack_words_before(s, t->base) != t->first_word ||
        t->at[0].sp > s->pages.hi || !trail_is_near(s, t))
        return false;
    return (last->fp == here->fp || !(last->flags & STACK_NEEDS_FP)) &&
           standing_all(t->words, t->n_words);
}

/* Its frames are there now. */
static inline struct stack_change trail_take(struct stack *s,
                                             const struct stack_trail *t)
{
    struct stack_frame *at = &s->at[t->base + 1], *behind = &s->at[s->n];
    struct stack_frame *const end = &s->at[t->base + t->n], *same = at;
    const struct stack_frame *from = &t->at[1];
    while (same < end && same < behind &&
           stack_frame_address(same) == from[same - at].ip)
        same++;
    at[-1] = t->at[0];
    while (at < end)
        *at++ = *from++;
    for (uint32_t i = 0; i < t->n_words; i++) {
        s->words[t->first_word + i] = t->words[i];
        s->near[t->first_word + i] = t->near[i];
    }
    s->n = t->base + t->n;
    return (struct stack_change){.pops = (uint16_t)(behind - same),
                                 .pushes = (uint16_t)(end - same)};
}

#endif
