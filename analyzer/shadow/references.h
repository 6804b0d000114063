/* SPDX-License-Identifier: MIT */
/*
 * references.h - the counted references that a live object holds, one by one
 *
 * Those written in itself first, then those in each block that it owns.
 *
 *     struct references held = references_of(r, object);
 *     for (uint32_t w; (w = references_next(r, &held)) != OURO_NONE;)
 */
#ifndef ANALYZER_SHADOW_REFERENCES_H
#define ANALYZER_SHADOW_REFERENCES_H

#include "shadow/replay.h"

struct references {
    uint32_t link;  /* the next one, or OURO_NONE */
    uint32_t extra; /* the next block's, or OURO_NONE */
};

static inline struct references references_of(const struct replay *r,
                                              uint32_t object)
{
    const struct live_object *k = objects_get(&r->objects, object);
    return (struct references){
        .link = k->holder == OURO_NONE
                    ? OURO_NONE
                    : links_holder(&r->links, k->holder)->link,
        .extra = k->written,
    };
}

/* The target of the next one, or OURO_NONE: there are no more. */
static inline uint32_t references_next(const struct replay *r,
                                       struct references *held)
{
    while (held->link == OURO_NONE) {
        if (held->extra == OURO_NONE)
            return OURO_NONE;
        const struct block_extra *x = blocks_extra(&r->blocks, held->extra);
        held->extra = x->written.next;
        held->link = links_holder(&r->links, x->holder)->link;
    }
    const struct live_link *k = links_get(&r->links, held->link);
    held->link = k->held.next;
    return k->target;
}

#endif
