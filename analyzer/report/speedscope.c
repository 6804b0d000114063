/* SPDX-License-Identifier: MIT */
/*
 * speedscope.c - a profile as speedscope's own file format
 *
 * One sampled profile for each value, with the stacks of all processes; the
 * frames are functions, which all of them share.
 */
#include "report/json_parts.h"
#include "report/named_tree.h"
#include "report/profile_format.h"

#include "arena.h"

#include <stdlib.h>

#define SCHEMA "https://www.speedscope.app/file-format-schema.json"

static void begin(struct profile_out *o)
{
    struct named_tree *t = must_calloc(1, sizeof *t);
    named_tree_init(t, true);
    o->state = t;
}

static void image(struct profile_out *o, const struct image *i,
                  const struct profile *p)
{
    named_tree_add(o->state, i, p, o->several);
}

static void put_frames(struct json_out *j, const struct named_tree *t)
{
    json_out_key(j, "shared");
    json_out_open_object(j);
    json_out_key(j, "frames");
    json_out_open_array(j);
    for (uint32_t i = 0; i < t->n_frames; i++) {
        const struct named_frame *f = &t->frames[i];
        json_out_open_flat_object(j);
        json_text(j, "name", t->texts.text[f->name]);
        if (f->file)
            json_text(j, "file", t->texts.text[f->file]);
        json_out_close(j);
    }
    json_out_close(j);
    json_out_close(j);
}

static bool is_told(const struct named_tree *t, uint32_t n, enum usage_value v)
{
    return t->tree.at[n].value[v] > 0;
}

/* Its frames, outermost first. */
static void put_stack(struct json_out *j, const struct call_tree *t,
                      uint32_t node, uint32_t *room)
{
    uint32_t n = 0;
    for (; node != 0; node = t->at[node].parent)
        room[n++] = t->at[node].frame;
    json_out_open_flat_array(j);
    while (n-- > 0)
        json_out_number(j, room[n]);
    json_out_close(j);
}

static void put_samples(struct json_out *j, const struct named_tree *t,
                        enum usage_value v)
{
    uint32_t *room = must_calloc(t->tree.n, sizeof *room);
    json_out_key(j, "samples");
    json_out_open_array(j);
    for (uint32_t n = 0; (n = call_tree_next(&t->tree, n)) != 0;)
        if (is_told(t, n, v))
            put_stack(j, &t->tree, n, room);
    json_out_close(j);
    free(room);
}

static uint64_t put_weights(struct json_out *j, const struct named_tree *t,
                            enum usage_value v)
{
    uint64_t sum = 0;
    json_out_key(j, "weights");
    json_out_open_flat_array(j);
    for (uint32_t n = 0; (n = call_tree_next(&t->tree, n)) != 0;) {
        if (!is_told(t, n, v))
            continue;
        json_out_number(j, t->tree.at[n].value[v]);
        sum += t->tree.at[n].value[v];
    }
    json_out_close(j);
    return sum;
}

static void put_profile(struct json_out *j, const struct named_tree *t,
                        enum usage_value v)
{
    json_out_open_object(j);
    json_text(j, "type", "sampled");
    json_text(j, "name", usage_names[v]);
    json_text(j, "unit",
              v == INUSE_SPACE || v == ALLOC_SPACE ? "bytes" : "none");
    json_count(j, "startValue", 0);
    put_samples(j, t, v);
    json_count(j, "endValue", put_weights(j, t, v));
    json_out_close(j);
}

static void end(struct profile_out *o)
{
    struct named_tree *t = o->state;
    struct json_out j;
    named_tree_finish(t);
    json_out_begin(&j, o->to);
    json_out_open_object(&j);
    json_text(&j, "$schema", SCHEMA);
    json_text(&j, "name", o->recording);
    json_text(&j, "exporter", "ouro");
    json_count(&j, "activeProfileIndex", o->value);
    put_frames(&j, t);
    json_out_key(&j, "profiles");
    json_out_open_array(&j);
    for (int v = 0; v < N_USAGE_VALUES; v++)
        put_profile(&j, t, v);
    json_out_close(&j);
    json_out_close(&j);
    json_out_end(&j);
    named_tree_release(t);
    free(t);
}

const struct profile_format profile_speedscope = {
    .name = "speedscope", .begin = begin, .image = image, .end = end};
