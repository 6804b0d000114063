/* SPDX-License-Identifier: MIT */
/*
 * ranges.h - a set of addresses, as sorted ranges
 *
 * Filled in any order, then settled, then asked. The room is the caller's.
 */
#ifndef PRELOAD_RANGES_H
#define PRELOAD_RANGES_H

#include <stdbool.h>
#include <stdint.h>

struct range {
    uintptr_t start, end; /* [start, end) */
};

struct ranges {
    struct range *at;
    uint32_t n, room;
};

/* False: there is no more room, and it is not in the set. */
bool ranges_add(struct ranges *r, uintptr_t start, uintptr_t end);

/* Sorts, and joins what touches. */
void ranges_settle(struct ranges *r);

/* The first range that ends behind `at`, or NULL; in a settled set. */
const struct range *ranges_from(const struct ranges *r, uintptr_t at);

#endif
