/* SPDX-License-Identifier: MIT */
/*
 * model.h - a chunk's records as columns, and back
 *
 * The model is what packing and unpacking both know: all that earlier chunks
 * told. It begins empty and takes chunks in one order, that of their first
 * stamps; so a chunk can be had again only by beginning where a model begins.
 *
 * A record is a token (tokens.h: its kind, its numbers, its names), a time and
 * addresses (addresses.h). Where a chunk begins it tells the whole stack once
 * more; here that is only what changed since the thread's last one.
 *
 * TIME is told in ticks: each record's stamp is that of the one before it and a
 * whole number of ticks, or an exact step. COLUMN_TICK: for how many records
 * time stands still, then the ticks by which it goes on, or 0 and the step in
 * COLUMN_STAMP; at the end of a chunk, for how many it stands still. Where
 * ticks are 0, or the chunk says so, all steps are exact, in COLUMN_STAMP.
 */
#ifndef ANALYZER_PACK_MODEL_H
#define ANALYZER_PACK_MODEL_H

#include "pack/addresses.h"
#include "pack/columns.h"
#include "pack/names.h"
#include "pack/record.h"
#include "pack/tokens.h"

enum {
    MODEL_STACKS = 1 << 10,
    MODEL_MAX_CHUNK = 1 << 20, /* bytes of records */
};

struct model_stack {
    uint32_t n;
    uint32_t *frames; /* names; RECORD_MAX_FRAMES of them, or NULL yet */
};

struct model {
    struct tokens tokens;
    struct addresses addresses;
    struct frames frames;
    struct texts texts;
    struct model_stack stacks[MODEL_STACKS]; /* by thread; some share one */
    uint64_t words[TOKEN_MAX_WORDS];
    uint32_t ids[RECORD_MAX_FRAMES];
    struct record_frame refs[RECORD_MAX_FRAMES];
};

struct model *model_make(void);
void model_free(struct model *m);
/* Another chunk of MODEL_MAX_CHUNK bytes may be too much for it. */
bool model_is_full(const struct model *m);

/* One chunk on its way. */
struct model_chunk {
    struct model *model;
    struct columns *columns;
    uint64_t tick;
    bool exact;
    uint64_t stamp; /* of the last record */
    uint64_t still; /* records of this stamp; unpacking: to come */
    struct name_gap gap;
    struct model_stack *stack;
    bool fresh; /* no record has told the stack */
};

/* first_stamp, thread: of the chunk's head. */
void model_chunk_begin(struct model_chunk *k, uint64_t first_stamp,
                       uint32_t thread);
void model_chunk_end(struct model_chunk *k);
/* Packing: takes the record. Unpacking: gives it; its frames and bytes are good
   until the next one. False: columns->fault. */
bool model_code(struct model_chunk *k, struct record *r);

/* Unpacks what packing wrote of one chunk; `most` bytes of records at most.
   False: the columns make no sense. */
bool model_unpack(struct model *m, struct columns *c, uint64_t tick,
                  uint64_t first_stamp, uint32_t thread,
                  struct record_writer *to, size_t most);

#endif
