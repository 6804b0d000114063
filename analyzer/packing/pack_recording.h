/* SPDX-License-Identifier: MIT */
/*
 * pack_recording.h - a recording as one file
 */
#ifndef ANALYZER_PACKING_PACK_RECORDING_H
#define ANALYZER_PACKING_PACK_RECORDING_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct pack_options {
    uint64_t tick_ns; /* of allocations and frees; 0: exact */
    bool no_debug;    /* without files of machine code */
    int level;        /* zstd's */
    const char *name; /* what the file is to be called, to say so */
};

struct pack_result {
    uint32_t n_traces;
    uint64_t bytes;          /* of the traces, as a disk has them */
    uint64_t packed;         /* of the file */
    uint64_t packed_events;  /* of it */
    uint64_t packed_modules; /* of it: files of machine code */
    uint32_t n_missing;      /* of those, that are not there */
};

/* Writes to an empty file; `to` is open for reading, too, and has this path.
   Then reads it again: every chunk must be what was meant. 0, or -1 with e
   filled. */
int pack_recording(FILE *to, const char *path, const char *recording,
                   const struct pack_options *o, struct pack_result *r,
                   struct err *e);

#endif
