/* SPDX-License-Identifier: MIT */
/*
 * All of a deep stack's time goes by here: what differs is gathered over four
 * frames before anyone asks, since a question costs more than a word.
 */
#include "standing.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum { AT_ONCE = 4 };

/* 0 if both words say the same. */
static inline uintptr_t two_differ(const struct stack_frame *f)
{
    return (standing_plain(standing_word(f->ip_slot)) ^ f->ip) |
           (standing_word(f->also_slot) ^ f->also);
}

/* f and those outward of it. */
static inline bool twos_stand(const struct stack_frame *f)
{
    return (two_differ(f) | two_differ(f - 1) | two_differ(f - 2) |
            two_differ(f - 3)) == 0;
}

#if defined(__x86_64__)
/* Neighbours in memory as in the frame. */
static inline __m128i pair_differs(const struct stack_frame *f)
{
    const __m128i there = _mm_loadu_si128((const __m128i *)(f->ip_slot - 8));
    return _mm_xor_si128(there, _mm_loadu_si128((const __m128i *)&f->fp));
}

static inline bool pairs_stand(const struct stack_frame *f)
{
    const __m128i all =
        _mm_or_si128(_mm_or_si128(pair_differs(f), pair_differs(f - 1)),
                     _mm_or_si128(pair_differs(f - 2), pair_differs(f - 3)));
    return _mm_movemask_epi8(_mm_cmpeq_epi8(all, _mm_setzero_si128())) ==
           0xffff;
}
#else
static inline bool pairs_stand(const struct stack_frame *f)
{
    return twos_stand(f);
}
#endif

static inline bool stands(const struct stack_frame *f)
{
    if (f->ip_slot == 0)
        return true;
    if (!(f->flags & STACK_READ_SP))
        return two_differ(f) == 0;
    return standing_plain(standing_word(f->ip_slot)) == f->ip &&
           (f->also_slot == f->ip_slot ||
            standing_word(f->also_slot) == f->fp) &&
           standing_word(f->also) == f->sp;
}

static inline uint32_t at_most(uint32_t n, uint32_t k)
{
    return n < k ? n : k;
}

/* How many of the k frames outward from f stand, as far as whole fours of one
   kind say so. */
static inline uint32_t fours(const struct stack_frame *f, uint32_t k)
{
    const uint32_t pairs = at_most(f->n_pairs, k), twos = at_most(f->n_two, k);
    uint32_t n = 0;
    while (n + AT_ONCE <= pairs && pairs_stand(f - n))
        n += AT_ONCE;
    if (n + AT_ONCE > pairs)
        while (n + AT_ONCE <= twos && twos_stand(f - n))
            n += AT_ONCE;
    return n;
}

uint32_t standing_outward(const struct stack_frame *at, uint32_t k)
{
    while (k > 0) {
        const uint32_t n = fours(&at[k - 1], k);
        k -= n;
        if (n > 0)
            continue;
        if (!stands(&at[k - 1]))
            return k;
        k--;
    }
    return 0;
}
