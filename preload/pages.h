/* SPDX-License-Identifier: MIT */
/*
 * pages.h - reading the host's memory where nobody promises that it is there
 *
 * A page behind the end of its file, one that another thread unmaps, one that
 * a protection key closes: the kernel reads for us and says what it could not.
 * Pages that nobody ever touched hold nothing, and are not touched by us.
 */
#ifndef PRELOAD_PAGES_H
#define PRELOAD_PAGES_H

#include "ranges.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGES_ROOM = 2048 };

enum pages_kind {
    PAGES_PRIVATE, /* anonymous */
    PAGES_COPIED,  /* of a file, private */
    PAGES_SHARED,
};

/* One page range as the kernel tells it (PAGEMAP_SCAN). */
struct pages_run {
    uint64_t start, end, categories;
};

struct pages {
    long pagemap, mem; /* descriptors, or negative */
    long pid;
    uintptr_t page;
    bool has_scan, has_readv; /* system calls that work */
    bool has_swap;            /* the system has written pages out */
    uint64_t unreadable;      /* bytes, so far */
    union {
        struct pages_run runs[PAGES_ROOM / 3];
        uint64_t entries[PAGES_ROOM];
        unsigned char resident[PAGES_ROOM * 8];
    };
};

void pages_open(struct pages *p);
void pages_close(struct pages *p);

/* The first run of pages in [from, end) that may hold something. False: there
   is none. */
bool pages_next(struct pages *p, enum pages_kind kind, uintptr_t from,
                uintptr_t end, struct range *run);

/* The first run of private pages in [from, end) that are in memory: to read
   them is no fault, unless a protection key closes them. False: there is none,
   or nobody says. */
bool pages_present(struct pages *p, uintptr_t from, uintptr_t end,
                   struct range *run);

/* Copies n bytes from `at`; how many from the beginning could be read. */
size_t pages_copy(struct pages *p, void *to, uintptr_t at, size_t n);

#endif
