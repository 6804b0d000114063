/* SPDX-License-Identifier: MIT */
/*
 * known.h - where blocks began, by their address
 *
 * Each has a number from 1 on, for as long as nothing is forgotten; 0 is none.
 * What is there now is two accounts side by side: what the records say
 * (addresses.h), and what the allocator makes of it (heap.h).
 */
#ifndef ANALYZER_PACK_KNOWN_H
#define ANALYZER_PACK_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_MAX = 1 << 24, KNOWN_ALIGNMENT = 16 };

struct known_block {
    uint64_t addr;
    /* addresses.h */
    uint32_t serial;       /* of its allocation; free: of its release */
    uint32_t newer, older; /* among those live, or free and of its size */
    uint32_t nth;          /* allocated at its birthplace */
    uint16_t birthplace;
    uint16_t size; /* index of its list of free ones */
    bool is_live : 1, is_known : 1;
    /* heap.h */
    uint8_t state, arena;
    uint16_t list;
    uint32_t units;        /* of 16 bytes */
    uint32_t next, before; /* in its list */
    uint32_t below, above; /* in memory */
};

struct known {
    uint32_t n, room;
    struct known_block *at;
    uint32_t n_slots;
    uint32_t *slots; /* by address; 0: empty */
};

void known_init(struct known *known);
void known_release(struct known *known);
/* 0: there is none. */
uint32_t known_find(const struct known *known, uint64_t addr);
/* A new one if need be, which moves `at`. 0: there are too many. */
uint32_t known_at(struct known *known, uint64_t addr);
/* Places have other numbers now; 0: it is forgotten. */
void known_rename(struct known *known, const uint32_t *now, uint32_t n);

#endif
