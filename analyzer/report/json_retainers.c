/* SPDX-License-Identifier: MIT */
/* json_retainers.c - the biggest retainers of an image, as JSON */
#include "report/json_parts.h"
#include "report/text_retainers.h"

static void put_held(struct json_out *j, const char *key, const struct held *h)
{
    json_out_key(j, key);
    json_out_open_flat_object(j);
    json_count(j, "blocks", h->blocks);
    json_count(j, "bytes", h->bytes);
    json_out_close(j);
}

static void put_step(struct json_out *j, const struct retainer_step *s)
{
    json_text(j, "what", s->is_pages ? "pages" : "block");
    json_out_key(j, "address");
    json_out_hex(j, s->address);
    json_count(j, "bytes", s->bytes);
    json_text(j, "type", s->type);
    json_text(j, "label", s->label);
    json_text(j, "allocator", s->allocator);
    json_count(j, "run", s->run);
    json_count(j, "retained_blocks", s->retained.blocks);
    json_count(j, "retained_bytes", s->retained.bytes);
    json_places(j, "stack", s->stack);
}

static void put_retainer(struct json_out *j, const struct retainer *at)
{
    json_out_open_object(j);
    put_step(j, &at->is);
    json_out_key(j, "kept");
    json_out_bool(j, at->kept);
    json_pointers(j, "roots", at->roots, at->n_roots);
    json_out_key(j, "chain");
    json_out_open_array(j);
    for (uint32_t i = 0; i < at->n_chain; i++) {
        json_out_open_object(j);
        put_step(j, &at->chain[i]);
        json_out_close(j);
    }
    json_out_close(j);
    json_out_key(j, "deeper");
    json_out_bool(j, at->deeper);
    json_out_close(j);
}

static void put_site(struct json_out *j, const struct retainer_site *s)
{
    json_out_open_object(j);
    json_text(j, "type", s->type);
    json_text(j, "allocator", s->allocator);
    json_count(j, "count", s->n);
    json_count(j, "retained_blocks", s->retained.blocks);
    json_count(j, "retained_bytes", s->retained.bytes);
    json_places(j, "stack", s->stack);
    json_out_close(j);
}

void json_retainers(struct json_out *j, const struct image *i,
                    const struct retainers *r)
{
    static const struct retainers none;
    const struct retainers *told = r ? r : &none;
    json_out_open_object(j);
    json_count(j, "pid", i->pid);
    json_text(j, "exe", i->trace.exe);
    json_out_key(j, "seen");
    json_out_bool(j, r != NULL);
    put_held(j, "reachable", &told->reachable);
    put_held(j, "lost", &told->lost);
    json_count(j, "n_retainers", told->n);
    json_out_key(j, "retainers");
    json_out_open_array(j);
    for (uint32_t k = 0; k < told->n_told; k++)
        put_retainer(j, &told->at[k]);
    json_out_close(j);
    json_count(j, "n_sites", told->n_sites);
    json_out_key(j, "sites");
    json_out_open_array(j);
    for (uint32_t k = 0; k < told->n_sites_told; k++)
        put_site(j, &told->sites[k]);
    json_out_close(j);
    json_out_close(j);
}
