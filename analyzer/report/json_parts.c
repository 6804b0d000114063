/* SPDX-License-Identifier: MIT */
#include "report/json_parts.h"

void json_count(struct json_out *j, const char *key, uint64_t n)
{
    json_out_key(j, key);
    json_out_number(j, n);
}

void json_signed(struct json_out *j, const char *key, int64_t n)
{
    json_out_key(j, key);
    json_out_signed(j, n);
}

void json_seconds(struct json_out *j, const char *key, double s)
{
    json_out_key(j, key);
    json_out_seconds(j, s);
}

void json_text(struct json_out *j, const char *key, const char *text)
{
    json_out_key(j, key);
    json_out_text(j, text ? text : "");
}

static void put_place(struct json_out *j, const struct place *p)
{
    json_out_open_flat_object(j);
    json_text(j, "function", p->function);
    json_text(j, "file", p->file);
    json_count(j, "line", p->line);
    json_text(j, "module", p->module);
    json_out_key(j, "offset");
    json_out_hex(j, p->offset);
    json_out_key(j, "inlined");
    json_out_bool(j, p->inlined);
    json_out_close(j);
}

void json_places(struct json_out *j, const char *key, struct places p)
{
    json_out_key(j, key);
    json_out_open_array(j);
    for (uint32_t i = 0; i < p.n; i++)
        put_place(j, &p.at[i]);
    json_out_close(j);
}

void json_indices(struct json_out *j, const char *key, const uint32_t *index,
                  uint32_t n)
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_out_number(j, index[i]);
    json_out_close(j);
}

void json_counts(struct json_out *j, const char *key,
                 const uint64_t n[GC_GENERATIONS])
{
    json_out_key(j, key);
    json_out_open_flat_array(j);
    for (int g = 0; g < GC_GENERATIONS; g++)
        json_out_number(j, n[g]);
    json_out_close(j);
}

void json_empty(struct json_out *j, const char *key)
{
    json_indices(j, key, NULL, 0);
}
