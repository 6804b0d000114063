/* SPDX-License-Identifier: MIT */
#include "pack/known.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER ((UINT32_C(1) << NUMBER_BITS) - 1)

enum { NUMBER_BITS = 24 };

_Static_assert(KNOWN_MAX <= 1 << NUMBER_BITS, "a slot has room for a number");

void known_init(struct known *known)
{
    *known = (struct known){.n = 1, .room = 1024, .n_slots = 4096};
    known->at = must_calloc(known->room, sizeof *known->at);
    known->slots = must_calloc(known->n_slots, sizeof *known->slots);
}

void known_release(struct known *known)
{
    free(known->at);
    free(known->slots);
    *known = (struct known){0};
}

/* A slot is a number in its low bits and a part of the address's hash above:
   what is somebody else's is mostly passed by without a look at it. */
static uint32_t tag_of(uint64_t addr)
{
    return (uint32_t)(addr * 0xd6e8feb86659fd93u >> 56) << NUMBER_BITS;
}

static uint32_t slot_of(const struct known *known, uint64_t addr)
{
    /* neighbours stand together, 256 bytes at a time */
    const uint64_t group = (addr >> 8) * 0x9e3779b97f4a7c15u >> 16;
    const uint32_t mask = known->n_slots - 1, tag = tag_of(addr);
    uint32_t i = (uint32_t)(group * 16 + addr / KNOWN_ALIGNMENT % 16) & mask;
    while (known->slots[i] &&
           ((known->slots[i] & ~NUMBER) != tag ||
            known->at[known->slots[i] & NUMBER].addr != addr))
        i = (i + 1) & mask;
    return i;
}

uint32_t known_find(const struct known *known, uint64_t addr)
{
    return known->slots[slot_of(known, addr)] & NUMBER;
}

static void enter(struct known *known, uint32_t i)
{
    const uint64_t addr = known->at[i].addr;
    known->slots[slot_of(known, addr)] = tag_of(addr) | i;
}

static void enter_all(struct known *known)
{
    for (uint32_t i = 1; i < known->n; i++)
        enter(known, i);
}

uint32_t known_at(struct known *known, uint64_t addr)
{
    const uint32_t is = known_find(known, addr);
    if (is || known->n == KNOWN_MAX)
        return is;
    if (known->n >= known->n_slots / 2) {
        free(known->slots);
        known->n_slots *= 2;
        known->slots = must_calloc(known->n_slots, sizeof *known->slots);
        enter_all(known);
    }
    GROW(known->at, known->n, known->room);
    known->at[known->n] = (struct known_block){.addr = addr};
    enter(known, known->n);
    return known->n++;
}

void known_rename(struct known *known, const uint32_t *now, uint32_t n)
{
    for (uint32_t i = 0; i < known->n; i++) {
        struct known_block *k = &known->at[i];
        k->newer = now[k->newer];
        k->older = now[k->older];
        k->next = now[k->next];
        k->before = now[k->before];
        k->below = now[k->below];
        k->above = now[k->above];
    }
    for (uint32_t i = 1; i < known->n; i++)
        if (now[i])
            known->at[now[i]] = known->at[i];
    known->n = n;
    memset(known->slots, 0, known->n_slots * sizeof *known->slots);
    enter_all(known);
}
