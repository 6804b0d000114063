/* SPDX-License-Identifier: MIT */
/*
 * census.h - keeps checkpoints.h while a trace is replayed
 *
 * What changes its kind or its size says so twice, before (leaves) and after
 * (comes); what ends, once; a birth not at all: what is in the result says when
 * it came. So only what is older than the last checkpoint costs anything, and
 * nothing does before the first.
 *
 * An object's bytes are its own and those of blocks that it owns. What it owns
 * stays with its old type where OURO_TYPE comes later than a checkpoint.
 */
#ifndef ANALYZER_SHADOW_CENSUS_H
#define ANALYZER_SHADOW_CENSUS_H

#include "shadow/checkpoints.h"
#include "shadow/table.h"

struct event;
struct replay;

struct census {
    struct checkpoints checkpoints;
    struct table of_kind; /* index in checkpoints.gone, + 1 */
};

void census_release(struct census *c);
void census_checkpoint(struct replay *r, const struct event *e);

/* The process forked: what was alive is the parent's. */
void census_fork(struct replay *r);

void census_block_leaves(struct replay *r, uint32_t block);
void census_block_comes(struct replay *r, uint32_t block);
/* What it owns, and the block it lives in, apart. */
void census_object_leaves(struct replay *r, uint32_t object);
void census_object_comes(struct replay *r, uint32_t object);

#endif
