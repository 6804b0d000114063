/* SPDX-License-Identifier: MIT */
/* json_pointers.c - who points at something, as JSON */
#include "report/json_parts.h"
#include "report/text_pointers.h"

static void put_flag(struct json_out *j, const char *key, bool is)
{
    json_out_key(j, key);
    json_out_bool(j, is);
}

static void put_pointer(struct json_out *j, const struct pointer *p)
{
    json_out_open_object(j);
    json_text(j, "place", pointer_place_word(p));
    json_out_key(j, "address");
    json_out_hex(j, p->address);
    json_count(j, "offset", p->offset);
    json_count(j, "into", p->into);
    put_flag(j, "unsure", p->unsure);
    put_flag(j, "counts", p->counts);
    put_flag(j, "announced", p->announced);
    put_flag(j, "unseen", p->unseen);
    json_text(j, "type", p->type);
    json_text(j, "label", p->label);
    json_text(j, "symbol", p->symbol);
    json_text(j, "module", p->module);
    json_count(j, "thread", p->thread);
    json_places(j, "stack", p->stack);
    json_out_close(j);
}

void json_pointers(struct json_out *j, const char *key,
                   const struct pointer *at, uint32_t n)
{
    json_out_key(j, key);
    json_out_open_array(j);
    for (uint32_t i = 0; i < n; i++)
        put_pointer(j, &at[i]);
    json_out_close(j);
}
