/* SPDX-License-Identifier: MIT */
/*
 * weight.h - which memory counts for which object, and which for none
 *
 * An object that lives alone in a block weighs that block, wherever in it the
 * object begins; of several objects in one block each weighs its own size, and
 * the one at its start has the block. What an object owns (OURO_OWN) is added.
 */
#ifndef ANALYZER_EXPLAIN_WEIGHT_H
#define ANALYZER_EXPLAIN_WEIGHT_H

#include "arena.h"
#include "shadow/shadow.h"

/* Of some objects, all together. */
struct held {
    uint64_t objects, blocks, bytes;
};

void held_add(struct held *sum, struct held more);

struct weights {
    uint32_t *blocks; /* by object */
    uint64_t *bytes;
    unsigned char *covered; /* by block: objects live in it, an object owns it,
                               or elements of a pool lie in it */
};

struct weights weights_find(struct arena *a, const struct shadow *s);

#endif
