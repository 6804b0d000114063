/* SPDX-License-Identifier: MIT */
/* delta_json.c - what became of memory, schema ouro-delta/1 */
#include "report/delta.h"
#include "report/json_parts.h"

#include "report/finding_words.h"

static void put_moment(struct json_out *j, const char *key,
                       const struct delta *d, const struct delta_moment *m)
{
    json_out_key(j, key);
    json_out_open_flat_object(j);
    json_text(j, "name", m->name);
    json_out_key(j, "time");
    if (m->ends)
        json_out_seconds(j, trace_seconds(&d->image->trace, m->stamp));
    else
        json_out_null(j);
    json_out_key(j, "seen");
    json_out_bool(j, m->seen);
    json_out_close(j);
}

static void put_side(struct json_out *j, const char *key,
                     const struct delta_side *s)
{
    json_out_key(j, key);
    json_out_open_array(j);
    for (enum reach reach = REACH_DEFINITE; reach <= REACH_UNKNOWN; reach++) {
        if (s->of[reach].instances == 0)
            continue;
        json_out_open_flat_object(j);
        json_text(j, "reach", finding_reach_word(reach));
        json_count(j, "instances", s->of[reach].instances);
        json_count(j, "blocks", s->of[reach].blocks);
        json_count(j, "bytes", s->of[reach].bytes);
        json_out_close(j);
    }
    json_out_close(j);
}

static void put_row(struct json_out *j, const struct delta_row *r)
{
    json_out_open_object(j);
    json_text(j, "change", delta_word(r->what));
    json_text(j, "id", r->id);
    put_side(j, "before", &r->before);
    put_side(j, "after", &r->after);
    json_out_key(j, "finding");
    if (r->f)
        json_finding(j, r->f);
    else
        json_out_null(j);
    json_out_close(j);
}

static void put_type(struct json_out *j, const struct delta_type *t)
{
    json_out_open_flat_object(j);
    json_text(j, "type", t->type);
    json_count(j, "objects_before", t->before);
    json_count(j, "objects_after", t->after);
    json_count(j, "bytes_before", t->bytes_before);
    json_count(j, "bytes_after", t->bytes_after);
    json_out_close(j);
}

void delta_json(struct json_out *j, const struct delta *d)
{
    json_out_open_object(j);
    json_count(j, "pid", d->image->pid);
    json_text(j, "exe", d->image->trace.exe);
    put_moment(j, "from", d, &d->from);
    put_moment(j, "to", d, &d->to);
    json_out_key(j, "changes");
    json_out_open_array(j);
    for (uint32_t k = 0; k < d->n; k++)
        put_row(j, &d->rows[k]);
    json_out_close(j);
    json_out_key(j, "types");
    json_out_open_array(j);
    for (uint32_t k = 0; k < d->n_types; k++)
        put_type(j, &d->types[k]);
    json_out_close(j);
    json_out_close(j);
}
