/* SPDX-License-Identifier: MIT */
/*
 * plain_blocks.h - allocations and frees about which nothing is special
 *
 * Nearly all of a trace: an allocation at an address where nothing is, a free
 * of a block that holds no object and no element, with nobody who listens and
 * nothing that waits. They are applied here in a straight line; the result is
 * the same as that of replay_apply, to which everything else is left.
 */
#ifndef ANALYZER_SHADOW_PLAIN_BLOCKS_H
#define ANALYZER_SHADOW_PLAIN_BLOCKS_H

#include "shadow/replay.h"

/* Whether such events can be applied now; any other event may change that. */
bool plain_blocks_may(const struct replay *r);

/* Applies one, for which plain_blocks_may; false: nothing has changed, it is
   for replay_apply. */
bool plain_blocks_apply(struct replay *r, const struct event *e);

#endif
