/* SPDX-License-Identifier: MIT */
/* json_survivors.c - who lives on, as JSON */
#include "report/image.h"
#include "report/json_parts.h"

#include "explain/survivors.h"

static void put_growth(struct json_out *j, const char *key, double growth,
                       bool known)
{
    json_out_key(j, key);
    if (known)
        json_out_seconds(j, growth);
    else
        json_out_null(j);
}

static void put_survivor(struct json_out *j, const struct survivor *s,
                         bool growth_known)
{
    json_out_open_object(j);
    json_text(j, "type", s->type);
    json_text(j, "allocator", s->allocator);
    json_counts(j, "objects", s->in);
    json_count(j, "bytes", s->bytes);
    json_count(j, "ages", s->ages);
    put_growth(j, "growth", s->growth, growth_known);
    put_growth(j, "growth_bytes", s->growth_bytes, growth_known);
    json_out_key(j, "rising");
    json_out_bool(j, s->grows);
    json_out_key(j, "at_checkpoints");
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < s->n_recent; i++)
        json_out_signed(j, s->recent[i]);
    json_out_close(j);
    json_places(j, "stack", s->stack);
    json_out_close(j);
}

void json_survivors(struct json_out *j, const struct survivors *v)
{
    json_text(j, "age_by", ages_by_word(v->by));
    json_count(j, "checkpoints", v->n_checkpoints);
    json_out_key(j, "survivors");
    json_out_open_array(j);
    for (uint32_t i = 0; i < v->n; i++)
        put_survivor(j, &v->at[i], v->n_checkpoints > 1);
    json_out_close(j);
}
