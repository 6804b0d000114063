/* SPDX-License-Identifier: MIT */
/* json_collector.c - generations and collections, as the JSON report tells
   them */
#include "explain/object_graph.h"
#include "report/image.h"
#include "report/json_parts.h"

static void count_survivors(const struct image *i, uint64_t *objects,
                            uint64_t *bytes)
{
    struct arena scratch = {0};
    struct object_graph o;
    struct err e;
    const struct shadow *s = &i->shadow;
    if (s->n_objects > 0 && object_graph_make(&o, &scratch, s, &e) == 0)
        for (uint32_t v = 0; v < s->n_objects; v++)
            if (o.candidate[v] && !o.u.in[v]) {
                ++*objects;
                *bytes += s->objects[v].bytes;
            }
    arena_release(&scratch);
}

static void put_generation(struct json_out *j, const struct image *i, int g)
{
    uint64_t objects = 0, bytes = 0;
    if (g == 2)
        count_survivors(i, &objects, &bytes);
    json_out_open_flat_object(j);
    json_count(j, "generation", (uint64_t)g);
    json_count(j, "collections", g == 2);
    json_count(j, "unreachable", g == 2 ? i->findings.n_unreachable : 0);
    json_count(j, "uncollectable", 0);
    json_count(j, "objects", objects);
    json_count(j, "bytes", bytes);
    json_out_close(j);
}

void json_collector(struct json_out *j, const struct image *i)
{
    static const uint32_t thresholds[] = {700, 10, 10};
    json_out_key(j, "collector");
    json_out_open_object(j);
    json_indices(j, "thresholds", thresholds, 3);
    json_out_key(j, "generations");
    json_out_open_array(j);
    for (int g = 0; g < 3; g++)
        put_generation(j, i, g);
    json_out_close(j);
    json_out_close(j);
}
