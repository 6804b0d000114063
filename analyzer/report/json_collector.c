/* SPDX-License-Identifier: MIT */
/* json_collector.c - generations and collections, as every JSON report tells
   them */
#include "report/json_parts.h"

static void put_generation(struct json_out *j, int g, const struct gc_stats *s,
                           const struct gc_stats *last,
                           const struct gc_end *end)
{
    json_out_open_flat_object(j);
    json_count(j, "generation", (uint64_t)g);
    json_count(j, "collections", s->collections + last->collections);
    json_count(j, "unreachable", s->unreachable + last->unreachable);
    json_count(j, "uncollectable", s->uncollectable + last->uncollectable);
    json_count(j, "objects", end->objects[g]);
    json_count(j, "bytes", end->bytes[g]);
    json_out_close(j);
}

void json_collector(struct json_out *j, const struct gc *gc,
                    const struct gc_end *end, bool with_last)
{
    const struct gc_stats none = {0};
    const struct gc_stats last = {1, end->unreachable, end->uncollectable};
    json_out_key(j, "collector");
    json_out_open_object(j);
    json_counts(j, "thresholds", gc->threshold);
    json_counts(j, "counts", gc->count);
    json_out_key(j, "enabled");
    json_out_bool(j, !gc->disabled);
    json_count(j, "frozen", end->frozen);
    json_count(j, "revived", gc->n_revived);
    json_count(j, "reclaimed", gc->n_reclaimed);
    json_out_key(j, "generations");
    json_out_open_array(j);
    for (int g = 0; g < GC_GENERATIONS; g++)
        put_generation(j, g, &gc->stats[g],
                       with_last && g == GC_OLDEST ? &last : &none, end);
    json_out_close(j);
    json_out_close(j);
}
