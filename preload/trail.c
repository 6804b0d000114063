/* SPDX-License-Identifier: MIT */
#include "trail.h"

#include <stdatomic.h>

void trail_keep(struct stack *s, const struct stack_here *here, uint32_t base)
{
    struct stack_trail *t = trail_of(s, here);
    const uint64_t key = trail_key(here);
    if (t->wanted != key) {
        t->wanted = key;
        return;
    }
    const uint32_t n = s->n - base;
    const uint32_t first = stack_words_before(s, base);
    const uint32_t n_words = s->at[s->n - 1].n_words - first;
    if (n > STACK_TRAIL_FRAMES || n_words > STACK_TRAIL_WORDS)
        return;
    /* The host may leave us in the middle, and come back. */
    t->ip = 0;
    atomic_signal_fence(memory_order_seq_cst);
    for (uint32_t i = 0; i < n; i++)
        t->at[i] = s->at[base + i];
    for (uint32_t i = 0; i < n_words; i++) {
        t->words[i] = s->words[first + i];
        t->near[i] = s->near[first + i];
    }
    t->sp = here->sp;
    t->epoch = s->epoch;
    t->n = n;
    t->base = base;
    t->n_words = n_words;
    t->first_word = first;
    atomic_signal_fence(memory_order_seq_cst);
    t->ip = here->ip;
}
