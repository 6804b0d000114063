/* SPDX-License-Identifier: MIT */
/*
 * What a finding says of what would be freed with it, and with it and others.
 */
#include "explain/inquiry.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SHARED = 16 };

static struct finding_ring *tell_rings(struct inquiry *q,
                                       const struct holders *h, uint32_t set,
                                       uint32_t *n)
{
    const struct held_ring *ring = h->ring + h->ring_first[set];
    *n = h->ring_first[set + 1] - h->ring_first[set];
    struct finding_ring *told = ARENA_ARRAY(q->out, *n, struct finding_ring);
    for (uint32_t i = 0; i < *n; i++) {
        memcpy(told[i].id, q->rings.kind[ring[i].kind].id, sizeof told[i].id);
        told[i].rings = ring[i].rings;
        told[i].objects = ring[i].objects;
    }
    return told;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Most bytes first, then most objects, then by who they are. */
static int by_size(const void *a, const void *b, void *of)
{
    const struct holders *h = of;
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    const struct holder_set *s = &h->sets.at[x];
    const struct holder_set *t = &h->sets.at[y];
    int c = compare(h->shared[y].bytes, h->shared[x].bytes);
    if (c == 0)
        c = compare(h->shared[y].objects, h->shared[x].objects);
    if (c == 0)
        c = compare(h->shared[y].blocks, h->shared[x].blocks);
    for (uint32_t i = 0; c == 0 && i < s->n && i < t->n; i++)
        c = compare(h->sets.members[s->first + i],
                    h->sets.members[t->first + i]);
    if (c == 0)
        c = compare(s->n, t->n);
    return c ? c : compare(s->more, t->more);
}

static struct finding_shared tell_shared(struct inquiry *q,
                                         const struct holders *h,
                                         uint32_t holder, uint32_t set)
{
    const struct holder_set *s = &h->sets.at[set];
    struct finding_shared told = {
        .with = ARENA_ARRAY(q->out, s->n, const char *),
        .with_more = s->more,
        .objects = h->shared[set].objects,
        .blocks = h->shared[set].blocks,
        .bytes = h->shared[set].bytes,
    };
    for (uint32_t i = 0; i < s->n; i++) {
        const uint32_t other = h->sets.members[s->first + i];
        if (other != holder)
            told.with[told.n_with++] =
                arena_text(q->out, h->id[other], strlen(h->id[other]));
    }
    if (set != holder)
        told.held = tell_rings(q, h, set, &told.n_held);
    return told;
}

void holders_describe(struct inquiry *q, struct holders *h, uint32_t holder,
                      struct finding *f)
{
    f->retained_objects = h->retained[holder].objects;
    f->retained_blocks = h->retained[holder].blocks;
    f->retained_bytes = h->retained[holder].bytes;
    f->joint_objects = h->shared[holder].objects;
    f->held = tell_rings(q, h, holder, &f->n_held);

    uint32_t *joint = h->joint + h->joint_first[holder];
    const uint32_t n = h->joint_first[holder + 1] - h->joint_first[holder];
    if (n > 0)
        qsort_r(joint, n, sizeof *joint, by_size, h);
    f->n_shared = n < MOST_SHARED ? n : MOST_SHARED;
    f->shared_more = n - f->n_shared;
    f->shared = ARENA_ARRAY(q->out, f->n_shared, struct finding_shared);
    for (uint32_t i = 0; i < f->n_shared; i++)
        f->shared[i] = tell_shared(q, h, holder, joint[i]);
}
