/* SPDX-License-Identifier: MIT */
#include "trace/replaced.h"

#include "arena.h"
#include "trace/layout.h"
#include "trace/state.h"

#include <stdlib.h>
#include <string.h>

/* Multiples of 8, so that the numbers stand where numbers may. */
static uint64_t list_offset(const struct ouro_chunk *head)
{
    return sizeof *head + ((head->committed + 7) & ~(uint64_t)7);
}

bool replaced_note(struct replaced *r, const struct trace *t,
                   const struct ouro_chunk *head, uint64_t offset)
{
    const uint64_t at = list_offset(head);
    if (at > head->len || at > t->len - offset)
        return head->reserved == 0;
    const uint64_t there =
        (t->len - offset < head->len ? t->len - offset : head->len) - at;
    if (head->reserved > there / sizeof *r->at ||
        !source_tells(&t->state->source, offset + at,
                      head->reserved * sizeof *r->at))
        return false;
    const uint32_t n = (uint32_t)head->reserved;
    /* Each is of another granule at least, and offsets are never used again. */
    const uint64_t most = t->len / t->header.granule;
    if (n > UINT32_MAX / 4 || r->n + (uint64_t)n > most ||
        r->n + n > UINT32_MAX / 4)
        return false;
    if (r->room - r->n < n) {
        r->room = 2 * r->room + n;
        r->at = must_realloc(r->at, r->room, sizeof *r->at);
    }
    if (n > 0 && !layout_bytes(t, r->at + r->n, n * sizeof *r->at, offset + at))
        return false;
    r->n += n;
    return true;
}

static int by_offset(const void *one, const void *other)
{
    const struct ouro_replaced *a = one;
    const struct ouro_replaced *b = other;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool holds(const struct replaced *r, uint64_t offset)
{
    const struct ouro_replaced key = {.offset = offset};
    return bsearch(&key, r->at, r->n, sizeof key, by_offset) != NULL;
}

static uint32_t kept(const struct replaced *r, struct trace_chunk *to,
                     const struct trace_chunk *from, uint32_t n, bool folded)
{
    uint32_t n_kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (from[i].folded == folded && !holds(r, from[i].offset))
            to[n_kept++] = from[i];
    return n_kept;
}

void replaced_leave_out(struct replaced *r, struct trace *t)
{
    if (r->n > 0) {
        struct trace_chunk *chunks = must_calloc(t->n_chunks, sizeof *chunks);
        qsort(r->at, r->n, sizeof *r->at, by_offset);
        const uint32_t n = kept(r, chunks, t->chunks, t->n_chunks, true);
        t->n_chunks = n + kept(r, chunks + n, t->chunks, t->n_chunks, false);
        free(t->chunks);
        t->chunks = chunks;
    }
    free(r->at);
    *r = (struct replaced){0};
}
