/* SPDX-License-Identifier: MIT */
/* json_collector.c - generations and collections, as the JSON report tells
   them */
#include "report/image.h"
#include "report/json_parts.h"

/* The collection after the last event counts under 2. */
static void put_generation(struct json_out *j, const struct image *i, int g)
{
    const struct gc_stats *s = &i->shadow.gc.stats[g];
    const struct gc_end *end = &i->findings.gc_end;
    const bool last = g == GC_OLDEST;
    json_out_open_flat_object(j);
    json_count(j, "generation", (uint64_t)g);
    json_count(j, "collections", s->collections + last);
    json_count(j, "unreachable",
               s->unreachable + (last ? end->unreachable : 0));
    json_count(j, "uncollectable",
               s->uncollectable + (last ? end->uncollectable : 0));
    json_count(j, "objects", end->objects[g]);
    json_count(j, "bytes", end->bytes[g]);
    json_out_close(j);
}

static void put_counts(struct json_out *j, const char *key,
                       const uint64_t n[GC_GENERATIONS])
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (int g = 0; g < GC_GENERATIONS; g++)
        json_out_number(j, n[g]);
    json_out_close(j);
}

void json_collector(struct json_out *j, const struct image *i)
{
    static const uint64_t usual[] = GC_USUAL_THRESHOLDS;
    const struct gc *gc = &i->shadow.gc;
    json_out_key(j, "collector");
    json_out_open_object(j);
    put_counts(j, "thresholds", i->shadow_is_built ? gc->threshold : usual);
    put_counts(j, "counts", gc->count);
    json_out_key(j, "enabled");
    json_out_bool(j, !gc->disabled);
    json_count(j, "frozen", i->findings.gc_end.frozen);
    json_count(j, "revived", gc->n_revived);
    json_count(j, "reclaimed", gc->n_reclaimed);
    json_out_key(j, "generations");
    json_out_open_array(j);
    for (int g = 0; g < GC_GENERATIONS; g++)
        put_generation(j, i, g);
    json_out_close(j);
    json_out_close(j);
}
