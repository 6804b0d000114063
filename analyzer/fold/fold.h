/* SPDX-License-Identifier: MIT */
/*
 * fold.h - a trace file made shorter while its process goes on writing it
 *
 * FOLDING in ouro_trace.h says what is written and what is left out. In steps,
 * so that whoever is killed between two of them, or in one, loses nothing:
 *
 *     struct fold f;
 *     enum fold_result r = fold_prepare(&f, path, header, until, how);   reads
 * only if (r == FOLD_DONE) r = fold_write(&f);      a chunk that is not sealed
 *     if (r == FOLD_DONE) r = fold_seal(&f);       now it holds instead
 *     if (r == FOLD_DONE) r = fold_give_back(&f);  holes
 *     fold_release(&f);
 *
 * Who reads the file meanwhile holds a shared flock on it (trace_open takes
 * one): holes are made when nobody does.
 */
#ifndef ANALYZER_FOLD_FOLD_H
#define ANALYZER_FOLD_FOLD_H

#include "fold/event_writer.h"
#include "fold/lives.h"
#include "ouro_trace.h"
#include "trace/trace.h"

#include <stdbool.h>

enum fold_result {
    FOLD_DONE,
    FOLD_NOT_NOW, /* nothing to win, or a moment is not told yet */
    FOLD_NEVER,   /* no file that can be folded, or one that cannot be read */
};

/* What is left out, and whether it is done. */
enum fold_how {
    FOLD_IF_WORTH, /* as much as is needed to win a quarter, or it is not now */
    FOLD_ALWAYS,   /* all but the last lives at their addresses */
    FOLD_ALL,      /* these too */
};

struct fold {
    const char *path;
    struct ouro_trace_header *header; /* of the file, mapped and shared */
    int fd;
    struct trace trace; /* open until fold_seal */
    bool is_open;
    struct event_writer writer;
    struct ouro_replaced *replaced;
    uint32_t n_replaced;
    uint64_t replaced_bytes;
    uint64_t first_ns;
    uint64_t offset, len; /* of the new chunk */
};

/* A stamp up to which everything is in the file, and no moment is awaited (see
   FOLDING); 0: not now. */
uint64_t fold_safe_stamp(const struct ouro_trace_header *header);

/* `header`: of that file, mapped and shared with the process. `until`: the last
   safe stamp. */
enum fold_result fold_prepare(struct fold *f, const char *path,
                              struct ouro_trace_header *header, uint64_t until,
                              enum fold_how how);
enum fold_result fold_write(struct fold *f);
/* Instead of sealing it: gives its room back. */
void fold_abandon(struct fold *f);
/* FOLD_NEVER: the word could not be written; nothing may be given back. */
enum fold_result fold_seal(struct fold *f);
/* FOLD_NEVER: readers would not let go, or holes cannot be made. */
enum fold_result fold_give_back(struct fold *f);
void fold_release(struct fold *f);

#endif
