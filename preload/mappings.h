/* SPDX-License-Identifier: MIT */
/*
 * mappings.h - the process's memory as /proc/self/maps tells it, one mapping
 * after another
 *
 * Read in pieces, without a lock or an allocation. What another thread maps
 * meanwhile may be told or not.
 */
#ifndef PRELOAD_MAPPINGS_H
#define PRELOAD_MAPPINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAPPINGS_BUFFER = 16 * 1024 };

struct mapping {
    uintptr_t start, end;
    bool readable, writable, shared;
    const char *path; /* ends in a zero byte; "": anonymous. Until the next */
};

struct mappings {
    long fd;
    uint32_t at, n; /* bytes[at .. n) are read and not told */
    char bytes[MAPPINGS_BUFFER];
};

/* False: nothing can be read. Else close it. */
bool mappings_open(struct mappings *m);
void mappings_close(struct mappings *m);

/* False: that was all. */
bool mappings_next(struct mappings *m, struct mapping *next);

#endif
