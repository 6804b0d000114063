/* SPDX-License-Identifier: MIT */
#include "pack/addresses_parts.h"

enum { N_TAKEN = 4 };

static uint64_t guess_taken(const struct addresses *a, unsigned k)
{
    switch (k) {
    case 0:
        return addresses_of(a, a->heap.block);
    case 1:
        return addresses_of(a, a->sizes[a->size].newest);
    case 2:
        return a->end;
    default:
        return addresses_of(a, a->given);
    }
}

uint64_t addresses_taken(struct addresses *a, struct columns *c, uint32_t place,
                         uint64_t addr, uint64_t size, enum heap_call call)
{
    heap_expect(&a->heap, size, call);
    a->size = addresses_size_index(size);
    const unsigned guess = addresses_code_guess(a, c, COLUMN_TAKEN, place,
                                                guess_taken, N_TAKEN, addr, 0);
    if (guess == 0)
        return addr;
    addr = guess > N_TAKEN ? addresses_code_far(c, COLUMN_TAKEN_FAR, addr,
                                                addresses_of(a, a->taken))
                           : guess_taken(a, guess - 1);
    uint32_t i = a->heap.block;
    if (!c->fault && guess != 1)
        i = known_at(&a->known, addr);
    if (c->fault || i == 0) {
        c->fault = true;
        return addr;
    }
    heap_taken(&a->heap, i);
    addresses_take(a, i, size);
    a->taken = i;
    a->end = addr + addresses_spent(size);
    return addr;
}
