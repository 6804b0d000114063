/* SPDX-License-Identifier: MIT */
/*
 * snapshot_put.h - a snapshot, record by record
 */
#ifndef PRELOAD_SNAPSHOT_PUT_H
#define PRELOAD_SNAPSHOT_PUT_H

#include "idle.h"
#include "mappings.h"
#include "pages.h"
#include "piece.h"
#include "ranges.h"
#include "standstill.h"
#include "survey.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SNAPSHOT_ADDRESSES = 64 * 1024, /* ranges */
    SNAPSHOT_OWN = 16 * 1024,       /* ranges */
    SNAPSHOT_OTHERS = 4096,         /* threads */
    SNAPSHOT_COPY = 128 * 1024,     /* bytes that are read at once */
};

/* All that one snapshot needs. */
struct snapshot {
    int why;
    const char *name;
    uint8_t flags; /* enum ouro_snap_flags */
    uint64_t start_ns;
    uint64_t still_ns;       /* until the program went on; in place: unused */
    struct ranges own;       /* the guest's memory */
    struct ranges addresses; /* a number in them is told */
    uint64_t bytes;          /* that there are to look at */
    bool is_alone;           /* nobody else can unmap memory */
    struct piece out;
    struct words words;
    struct pages pages;
    struct survey survey;
    uint32_t n_regions, n_others;
    struct standstill_thread taker, others[SNAPSHOT_OTHERS];
    struct range own_at[SNAPSHOT_OWN], addresses_at[SNAPSHOT_ADDRESSES];
    struct idle idle;
    unsigned char chunk[FILE_CHUNK_MAX];
    uint64_t copy[SNAPSHOT_COPY / sizeof(uint64_t)];
};

/* Writes all of it. Where it cannot be told what memory there is, or the file
   has no more room, it ends without END. */
void snapshot_put(struct snapshot *s);

#endif
