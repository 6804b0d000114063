/* SPDX-License-Identifier: MIT */
/* gc_json.c - collections and generations, schema ouro-gc/1 */
#include "report/gc_view.h"
#include "report/json_parts.h"

static void put_collection(struct json_out *j, const struct gc_view *v,
                           const struct collection *c)
{
    json_out_open_flat_object(j);
    json_seconds(j, "time", trace_seconds(&v->image->trace, c->stamp));
    json_count(j, "generation", c->generation);
    json_text(j, "why", c->why == GC_EXPLICIT ? "explicit" : "threshold");
    json_counts(j, "counts", c->count);
    json_count(j, "objects", c->objects);
    json_count(j, "unreachable", c->unreachable);
    json_count(j, "uncollectable", c->uncollectable);
    json_out_close(j);
}

static void put_collections(struct json_out *j, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    json_count(j, "every", gc->log_step);
    json_out_key(j, "collections");
    json_out_open_array(j);
    for (uint32_t k = 0; k < gc->n_log; k++)
        put_collection(j, v, &gc->log[k]);
    json_out_close(j);
}

static void put_revivals(struct json_out *j, const struct gc_view *v)
{
    const struct gc *gc = &v->image->shadow.gc;
    json_out_key(j, "revivals");
    json_out_open_array(j);
    for (uint32_t k = 0; k < gc->n_revivals; k++) {
        const struct revived *r = &gc->revivals[k];
        json_out_open_object(j);
        json_text(j, "type", v->image->trace.strings.text[r->type]);
        json_count(j, "count", r->n);
        json_seconds(j, "time", trace_seconds(&v->image->trace, r->stamp));
        json_places(j, "stack", v->revived[k]);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_delays(struct json_out *j, const struct gc_view *v)
{
    double mean, most;
    json_out_key(j, "reclaimed_after");
    if (!gc_view_delays(v, &mean, &most)) {
        json_out_null(j);
        return;
    }
    json_out_open_flat_object(j);
    json_seconds(j, "mean", mean);
    json_seconds(j, "most", most);
    json_out_close(j);
}

void gc_json(struct json_out *j, const struct gc_view *v)
{
    const struct image *i = v->image;
    json_out_open_object(j);
    json_count(j, "pid", i->pid);
    json_text(j, "exe", i->trace.exe);
    json_out_key(j, "at");
    if (v->at)
        json_out_text(j, v->at);
    else
        json_out_null(j);
    json_collector(j, &i->shadow.gc, &v->end, !v->at);
    put_collections(j, v);
    put_revivals(j, v);
    put_delays(j, v);
    json_out_close(j);
}
